"""The administrator looks at the machine: builds, runs, jobs. Proposals, decisions and lists belong to the offices."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from matching import transitions, vocabulary
from matching.models import IndexBuild, Job, MatchRun
from matching.terms import objections
from matching.vocabulary import TERM_COLUMNS
from registry.access import signed_in
from registry.admin import RowAdmin, SeenAdmin
from registry.forms.imports import SheetField
from registry.models import EntryRequirement, TermEntry, Transition
from registry.models.transitions import validate_phrases
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


FAULTS_SHOWN = 20
TAKE_SHEET = _("Take entries from a spreadsheet")


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


class TermSheetForm(forms.Form):
    file = SheetField(
        help_text=_("Term, stands for and kind of link are needed; entries that the file does not name stay.")
    )


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

    def get_urls(self) -> list[Any]:
        sheet = path("sheet/", self.admin_site.admin_view(self.take_sheet), name="registry_termentry_sheet")
        return [sheet, *super().get_urls()]

    def take_sheet(self, request: HttpRequest) -> HttpResponse:
        """Take entries from a spreadsheet, all of them or, when a line is wrong, none."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = TermSheetForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                taken = vocabulary.take(file.name, file.read(), by=signed_in(request))
            except vocabulary.FileRefused as refused:
                for fault in refused.faults[:FAULTS_SHOWN]:
                    form.add_error("file", fault)
            else:
                text = _("%(added)d entries were added, %(changed)d changed, %(same)d were the same.")
                self.message_user(request, text % asdict(taken))
                return redirect("admin:registry_termentry_changelist")
        context = {**self.admin_site.each_context(request), "form": form, "opts": self.opts, "title": TAKE_SHEET}
        return render(request, "admin/registry/termentry/sheet.html", context, status=422 if form.errors else 200)

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


class PhrasesInput(forms.CharField):
    """A list of phrases, one on each line."""

    widget = forms.Textarea(attrs={"rows": 6, "cols": 60})

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # a JSON field's form is offered both

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        phrases = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        validate_phrases(phrases)
        return list(dict.fromkeys(phrases))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class WordsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Lists of phrases as lines of text."""

    class Meta:
        field_classes = dict.fromkeys(("words", "has", "skills", "asks", "about"), PhrasesInput)


class TransitionForm(WordsForm):
    class Meta(WordsForm.Meta):
        model = Transition
        fields = (
            *("code", "name", "name_en", "has", "skills", "asks", "about"),
            *("requirements", "weight", "active", "source"),
        )

    def clean(self) -> dict[str, Any]:
        """Held against the other transitions: the engine says what is wrong or goes in a circle."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and cleaned["active"]:
            values = {name: cleaned[name] for name in ("has", "skills", "asks", "about", "weight")}
            code = self.instance.pk or cleaned["code"]
            for reason in transitions.objections(Transition(code=code, **values)):
                self.add_error(None, reason)
        return cleaned


class RequirementForm(WordsForm):
    class Meta(WordsForm.Meta):
        model = EntryRequirement
        fields = ("code", "kind", "name", "name_en", "words")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        by_words = cleaned.get("kind") != EntryRequirement.Kind.CERTIFICATION
        if not self.errors and by_words and not cleaned["words"]:
            self.add_error("words", _("Without a phrase nothing in a profile could show it."))
        return cleaned


@admin.register(Transition)
class TransitionAdmin(RowAdmin):
    form = TransitionForm
    list_display = ("code", "name", "weight", "active", "source", "updated_by", "updated_at")
    list_filter = ("active", "source")
    list_select_related = ("updated_by",)
    search_fields = ("code", "name", "name_en", "has", "asks")
    filter_horizontal = ("requirements",)
    readonly_fields = ("updated_by", "updated_at")

    def save_model(self, request: HttpRequest, obj: Transition, form: Any, change: bool) -> None:
        obj.updated_by = signed_in(request)
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As with the term table: switch it off instead."""
        return False


@admin.register(EntryRequirement)
class EntryRequirementAdmin(RowAdmin):
    form = RequirementForm
    list_display = ("code", "kind", "name", "name_en")
    list_filter = ("kind",)
    search_fields = ("code", "name", "name_en", "words")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
