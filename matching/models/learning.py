"""What was learnt from decisions: models of the order, of which at most one is in use."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry.append_only import AppendOnly, NeverChanged
from registry.models import User
from registry.steps import Step


class OrderModel(models.Model):
    """`weights`: matching.engine.learn.Model as JSON; `trial`: what the later decisions said of it. Neither changes."""

    class State(models.TextChoices):
        TRIED = "tried", _("tried, never used")
        ACTIVE = "active", _("in use")
        RETIRED = "retired", _("no longer used")

    state = models.CharField(_("state"), max_length=7, choices=State, default=State.TRIED)
    weights = models.JSONField(_("weights"))
    trial = models.JSONField(_("trial"))
    decisions = models.PositiveIntegerField(_("decisions"))
    better = models.BooleanField(_("better than without"))
    trained_at = models.DateTimeField(_("learnt"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("learnt order")
        verbose_name_plural = _("learnt orders")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("state",), condition=Q(state="active"), name="one_order_model_in_use"),
        )

    def __str__(self) -> str:
        return f"M-{self.pk}"


class OrderModelEvent(AppendOnly):
    """Who took a model into use or out of it; nobody for the command line."""

    model = models.ForeignKey(OrderModel, models.PROTECT, related_name="events")
    step = models.CharField(_("step"), max_length=10)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("use of a learnt order")
        verbose_name_plural = _("uses of learnt orders")
        ordering = ("pk",)
        constraints = (NeverChanged(name="order_model_event_is_append_only"),)

    def __str__(self) -> str:
        return f"{self.label} · {self.model}"

    @property
    def label(self) -> str:
        return str(ORDER_MODEL_STEPS[self.step].label)


_S = OrderModel.State
ORDER_MODEL_STEPS = {
    "activate": Step(_("Take into use"), frozenset({_S.TRIED, _S.RETIRED}), _S.ACTIVE, style="primary"),
    "deactivate": Step(_("Take out of use"), frozenset({_S.ACTIVE}), _S.RETIRED, style="danger"),
}
