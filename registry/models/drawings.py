"""Drawings of a need, who may be shown them and who was: NDAs, export checks, openings."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.access import NOTHING, Role, Visible, in_charge_rows
from registry.append_only import AppendOnly, AppendOnlyQuerySet, NeverChanged
from registry.models.accounts import User
from registry.models.firm import Firm, upload_name
from registry.models.need import Need


class DrawingQuerySet(Visible):
    def rows(self, user: User) -> Q:
        """The need's own anchor side, its office in charge and the bureau. Firms read theirs through an inquiry."""
        if user.role == Role.FIRM:
            return NOTHING
        return Q(removed_at=None) & in_charge_rows(user, "need__") & Q(self.may_go_to(user.email, abroad=user.overseas))

    def kept(self) -> "DrawingQuerySet":
        return self.filter(removed_at=None)

    @staticmethod
    def may_go_to(email: str, *, abroad: bool) -> Q:
        """Drawings that a reader of this address may be sent: abroad only those that are not flagged, or that lay
        there when the reader was checked."""
        if not abroad:
            return Q()
        checked = ExportCheck.objects.latest_of(email).filter(need=OuterRef("need_id"), at__gte=OuterRef("uploaded_at"))
        flagged = Q(flagged=True) | Q(need__export_control=Need.Export.SUBJECT)
        return ~flagged | Q(Exists(checked.filter(permitted=True)))


class NeedDrawing(models.Model):
    """A drawing or specification sheet. One that was removed stays as a row: who opened it is still known."""

    need = models.ForeignKey(Need, models.PROTECT, related_name="drawings", verbose_name=_("need"))
    title = models.CharField(_("what it shows"), max_length=200)
    file = models.FileField(_("file"), upload_to=upload_name, max_length=100, blank=True)
    flagged = models.BooleanField(_("flagged for export control"), default=False)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("added by"))
    uploaded_at = models.DateTimeField(_("added on"), default=timezone.now, editable=False)
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(_("removed on"), null=True, blank=True)

    objects = DrawingQuerySet.as_manager()

    class Meta:
        verbose_name = _("drawing")
        verbose_name_plural = _("drawings")
        ordering: ClassVar = ("pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def is_flagged(self) -> bool:
        return self.flagged or self.need.is_flagged


class DrawingOpening(AppendOnly):
    """Append-only: one opening of a drawing, by whom, and for which firm."""

    drawing = models.ForeignKey(NeedDrawing, models.PROTECT, related_name="openings", verbose_name=_("drawing"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    firm = models.ForeignKey(Firm, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("firm"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("opening of a drawing")
        verbose_name_plural = _("openings of drawings")
        ordering = ("-pk",)
        indexes = (models.Index(fields=("drawing", "-id"), name="opening_by_drawing"),)
        constraints = (NeverChanged(name="drawing_opening_is_append_only"),)


class NdaQuerySet(models.QuerySet[Any]):
    def in_force(self) -> "NdaQuerySet":
        return self.filter(ended_at=None)


class Nda(models.Model):
    """The NDA between a need's anchor side and a firm, from the day that an office recorded it until it says that it
    ended. A new one after that is a new row."""

    need = models.ForeignKey(Need, models.PROTECT, related_name="ndas", verbose_name=_("need"))
    firm = models.ForeignKey(Firm, models.PROTECT, related_name="ndas", verbose_name=_("firm"))
    signed_on = models.DateField(_("signed on"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded on"), default=timezone.now, editable=False)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    ended_at = models.DateTimeField(_("ended on"), null=True, blank=True)

    objects: ClassVar[Any] = NdaQuerySet.as_manager()

    class Meta:
        verbose_name = _("NDA")
        verbose_name_plural = _("NDAs")
        ordering: ClassVar = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("need", "firm"), condition=Q(ended_at=None), name="one_nda_in_force_per_need_and_firm"
            ),
        )


class ExportCheckQuerySet(AppendOnlyQuerySet):
    def latest_of(self, email: str) -> "ExportCheckQuerySet":
        """The last check of this reader for each need."""
        later = ExportCheck.objects.filter(need=OuterRef("need"), reader=OuterRef("reader"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(later), reader=email.lower())


def goes_abroad_to(email: str) -> Q:
    """Rows with a `need` that a reader abroad may get lists of: those of needs that are not subject to export control,
    or for which the last check of the reader says yes."""
    permitted = ExportCheck.objects.latest_of(email).filter(permitted=True)
    return ~Q(need__export_control=Need.Export.SUBJECT) | Q(need__in=permitted.values("need"))


class ExportCheck(AppendOnly):
    """Append-only: whether flagged drawings of a need may go to a reader abroad, checked by whom and on which day.

    The last check of a reader counts, and only for drawings that were there when it was recorded.
    """

    need = models.ForeignKey(Need, models.PROTECT, related_name="export_checks", verbose_name=_("need"))
    reader = models.EmailField(_("e-mail address of the reader"))
    permitted = models.BooleanField(_("may be passed on"))
    checked_on = models.DateField(_("checked on"))
    checker = models.CharField(_("checked by"), max_length=100)
    note = models.CharField(_("ground (classification, licence number)"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    objects: ClassVar[Any] = ExportCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("export check")
        verbose_name_plural = _("export checks")
        ordering: ClassVar = ("-pk",)
        indexes = (models.Index(fields=("need", "reader", "-id"), name="export_check_by_reader"),)
        constraints = (NeverChanged(name="export_check_is_append_only"),)
