"""The administrator looks at the machine: builds, runs, jobs. Proposals, decisions and lists belong to the offices."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from matching.models import IndexBuild, Job, MatchRun
from matching.terms import objections
from matching.vocabulary import TERM_COLUMNS
from registry.access import signed_in
from registry.admin import RowAdmin, SeenAdmin
from registry.models import TermEntry
from registry.tabular import xlsx_response


@admin.register(IndexBuild)
class IndexBuildAdmin(SeenAdmin):
    list_display = ("pk", "published_at", "firms", "terms", "seconds", "text_version")


@admin.register(MatchRun)
class MatchRunAdmin(SeenAdmin):
    list_display = ("pk", "state", "reason", "requested_by", "total", "failed", "started_at", "finished_at")
    list_select_related = ("requested_by",)


@admin.register(Job)
class JobAdmin(SeenAdmin):
    """Needs and firms by number only: a need may be under NDA."""

    list_display = ("pk", "kind", "of_need", "of_firm", "state", "attempts", "error", "queued_at", "finished_at")
    list_filter = ("state", "kind")
    exclude = ("need", "firm", "run")

    @admin.display(description=_("need"), ordering="need_id")
    def of_need(self, job: Job) -> int | None:
        return job.need_id

    @admin.display(description=_("firm"), ordering="firm_id")
    def of_firm(self, job: Job) -> int | None:
        return job.firm_id


class TermEntryForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = TermEntry
        fields = ("term", "target", "kind", "weight", "active", "source")

    def clean(self) -> dict[str, Any]:
        """Held against the whole table: the engine says what is wrong or goes in a circle."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            row = TermEntry(pk=self.instance.pk, **cleaned)
            for reason in objections([row]).values():
                self.add_error(None, reason)
        return cleaned


@admin.register(TermEntry)
class TermEntryAdmin(RowAdmin):
    form = TermEntryForm
    list_display = ("term", "target", "kind", "weight", "active", "source", "updated_by", "updated_at")
    list_filter = ("kind", "active", "source")
    list_select_related = ("updated_by",)
    search_fields = ("term", "target")
    actions = ("as_xlsx", "switch_off")
    readonly_fields = ("updated_by", "updated_at")

    def save_model(self, request: HttpRequest, obj: TermEntry, form: Any, change: bool) -> None:
        obj.updated_by = signed_in(request)
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is deleted would come back with the next load of the catalogues: switch it off instead."""
        return False

    @admin.action(description=_("Write the chosen entries to a spreadsheet (XLSX)"))
    def as_xlsx(self, request: HttpRequest, rows: QuerySet[TermEntry]) -> HttpResponseBase:
        return xlsx_response(TERM_COLUMNS, rows, stem="terms", title=str(TermEntry._meta.verbose_name_plural))

    @admin.action(description=_("Switch the chosen entries off"))
    def switch_off(self, request: HttpRequest, rows: QuerySet[TermEntry]) -> None:
        count = rows.update(active=False, updated_by=signed_in(request), updated_at=timezone.now())
        text = ngettext("%(count)d entry is off.", "%(count)d entries are off.", count)
        self.message_user(request, text % {"count": count})
