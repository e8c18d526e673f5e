"""Catalogues: rows that are loaded from data and looked after on the admin site, never code."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from registry.text import FoldedField


def in_language(japanese: str, english: str) -> str:
    """The text in the reader's language: English only where there is one and the reader does not read Japanese."""
    return english if english and not (get_language() or "ja").startswith("ja") else japanese


def listed(words: Iterable[str]) -> str:
    """Words in a row, with the comma of the reader's language."""
    return in_language("、", ", ").join(words)


def sentences(said: Iterable[object]) -> str:
    """Sentences one after the other: Japanese leaves no space between them."""
    return in_language("", " ").join(map(str, said))


def place_name(prefecture: "Prefecture", municipality: "Municipality | None") -> str:
    """As the reader's language puts it: 秋田県 能代市 · Noshiro, Akita."""
    if municipality is None:
        return prefecture.label
    here, around = municipality.label, prefecture.label
    return in_language(f"{around} {here}", f"{here}, {around}")


class Bilingual(models.Model):
    """A row with a Japanese and an English name; it calls itself by the reader's language."""

    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return in_language(self.name, self.name_en)


class Prefecture(Bilingual):
    code = models.CharField(_("JIS X 0401 code"), max_length=2, primary_key=True)
    in_tohoku = models.BooleanField(_("in Tohoku"), default=False)

    class Meta:
        verbose_name = _("prefecture")
        verbose_name_plural = _("prefectures")
        ordering = ("code",)


class Municipality(Bilingual):
    code = models.CharField(_("JIS X 0402 code"), max_length=5, primary_key=True)
    prefecture = models.ForeignKey(
        Prefecture, models.PROTECT, related_name="municipalities", verbose_name=_("prefecture")
    )
    kana = models.CharField(_("kana"), max_length=200, blank=True)
    latitude = models.FloatField(_("latitude (°)"))
    longitude = models.FloatField(_("longitude (°)"))
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ("code",)


class Industry(Bilingual):
    """Japan Standard Industrial Classification: one letter, two, three or four digits."""

    code = models.CharField(_("JSIC code"), max_length=4, primary_key=True)

    class Meta:
        verbose_name = _("industry")
        verbose_name_plural = _("industries")
        ordering = ("code",)


class Sector(Bilingual):
    """A cluster (no parent) or a field of business inside one."""

    code = models.SlugField(_("code"), primary_key=True, max_length=40)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    cluster = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="+",
        verbose_name=_("cluster"),
        help_text=_("The topmost row; may be itself."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ("position", "code")


class Capability(Bilingual):
    """One leaf of the catalogue: a process, part or service."""

    code = models.SlugField(_("code"), primary_key=True, max_length=60)
    group = models.CharField(_("group"), max_length=60, blank=True)
    group_name = models.CharField(_("group name"), max_length=100, blank=True)
    group_name_en = models.CharField(_("English group name"), max_length=100, blank=True)
    sectors = models.ManyToManyField(Sector, related_name="capabilities", verbose_name=_("sectors"), blank=True)
    synonyms = models.JSONField(_("synonyms"), default=list, blank=True)
    search = FoldedField(sources=("name", "name_en", "synonyms"))

    class Meta:
        verbose_name = _("capability")
        verbose_name_plural = _("capabilities")
        ordering = ("group", "code")

    @property
    def group_label(self) -> str:
        return in_language(self.group_name or self.group, self.group_name_en)


class Certification(Bilingual):
    code = models.SlugField(_("code"), primary_key=True, max_length=60)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    aliases = models.JSONField(_("other spellings"), default=list, blank=True)
    validity_months = models.PositiveSmallIntegerField(_("usual validity (months)"), null=True, blank=True)

    class Meta:
        verbose_name = _("certification")
        verbose_name_plural = _("certifications")
        ordering = ("code",)


class Consortium(Bilingual):
    code = models.SlugField(_("code"), primary_key=True, max_length=60)
    prefecture = models.ForeignKey(
        Prefecture, models.PROTECT, null=True, blank=True, related_name="consortia", verbose_name=_("prefecture")
    )
    member_count = models.PositiveIntegerField(_("members"), null=True, blank=True)
    count_is_rough = models.BooleanField(_("rough count"), default=False)
    note = models.TextField(_("note"), blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    as_of = models.CharField(_("as of"), max_length=10, blank=True, help_text=_("Year, month or day, ISO 8601."))

    class Meta:
        verbose_name = _("consortium")
        verbose_name_plural = _("consortia")
        ordering = ("code",)


class Place(Bilingual):
    """A port, test site, training facility or other place of the plan that distances are measured to."""

    code = models.SlugField(_("code"), primary_key=True, max_length=60)
    kind = models.CharField(_("kind"), max_length=40)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="places", verbose_name=_("municipality")
    )
    latitude = models.FloatField(_("latitude (°)"))
    longitude = models.FloatField(_("longitude (°)"))
    note = models.TextField(_("note"), blank=True)
    facts = models.JSONField(_("facts"), default=list, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    as_of = models.CharField(_("as of"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ("kind", "code")


class Programme(Bilingual):
    """A support, training or cooperation programme of the plan."""

    code = models.SlugField(_("code"), primary_key=True, max_length=60)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    as_of = models.CharField(_("as of"), max_length=10, blank=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ("code",)
