"""The terms of firms and needs, kept beside the rows so that no text is read twice by the tokenizer."""

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.models import Firm, Need


class Compact(json.JSONEncoder):
    """JSON without blanks and with Japanese as it is: half the size of \\uXXXX."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"ensure_ascii": False, "separators": (",", ":")})


class StoredTerms(models.Model):
    """What `analyse` gave for a document. Good while `version` is text.VERSION and `fingerprint` that of its text."""

    version = models.PositiveIntegerField(_("text version"))
    fingerprint = models.CharField(_("fingerprint of the text"), max_length=32)
    fields = models.JSONField(_("terms by field"), default=dict, encoder=Compact)

    class Meta:
        abstract = True


class FirmTerms(StoredTerms):
    """With what tells, without reading the firm, that its document is still the same."""

    firm = models.OneToOneField(Firm, models.CASCADE, primary_key=True, related_name="stored_terms")
    state = models.DateTimeField(_("state of the firm"))
    catalogue = models.CharField(_("fingerprint of the catalogues"), max_length=32)
    until = models.DateField(_("last day of its next certificate to run out"), null=True)

    class Meta:
        verbose_name = _("terms of a firm")
        verbose_name_plural = _("terms of firms")

    def __str__(self) -> str:
        return str(self.firm_id)


class NeedTerms(StoredTerms):
    need = models.OneToOneField(Need, models.CASCADE, primary_key=True, related_name="stored_terms")

    class Meta:
        verbose_name = _("terms of a need")
        verbose_name_plural = _("terms of needs")

    def __str__(self) -> str:
        return str(self.need_id)
