"""Filters of the queue that a person has kept under a name; one of them may open the queue."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registry.models import User

QUERY_LIMIT = 1000


class SavedFilter(models.Model):
    person = models.ForeignKey(User, models.CASCADE, related_name="saved_filters", verbose_name=_("person"))
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)
    query = models.CharField(_("query string"), max_length=QUERY_LIMIT)
    is_start = models.BooleanField(_("opens the queue"), default=False)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("person", "name"), name="one_saved_filter_per_person_and_name"),
            models.UniqueConstraint(
                fields=("person",), condition=Q(is_start=True), name="one_filter_opens_the_queue_of_a_person"
            ),
        )

    def __str__(self) -> str:
        return self.name
