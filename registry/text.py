"""Japanese text as registers need it: folding for search, kana keys for sorting, check digits, working days."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import holidays
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

FOLD_LIMIT = 10_000
"""Characters. NFKC on a long run of combining marks is quadratic, so nothing longer is ever normalised."""

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－ｰ", "-") | dict.fromkeys("〜～∼", "~"))
_KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
LEGAL_FORMS = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|協同組合|\((?:株|有|同|資|名)\)|"
    r"かぶしきがいしゃ|ゆうげんがいしゃ|ごうどうがいしゃ|co\.?,? ?ltd\.?|\binc\.?\b|\bllc\b|\bk\.k\.",
)
_NUMBER = re.compile(r"\d{13}")


def fold(text: str) -> str:
    """Text as it is compared: NFKC, lower case, katakana as hiragana, one kind of dash, single spaces, no controls.

    Half-width ﾒｯｷ, メッキ and めっき fold to the same. Text beyond FOLD_LIMIT characters is cut first.
    """
    folded = unicodedata.normalize("NFKC", text[:FOLD_LIMIT]).translate(_DASHES).lower()
    folded = "".join(c if unicodedata.category(c)[0] != "C" or c.isspace() else "" for c in folded)
    return " ".join(folded.translate(_KATAKANA_TO_HIRAGANA).split())


def holds(text: str) -> Q:
    """Rows whose column `search` holds every word of a text, whatever the width or kana it is typed in."""
    return Q(*(("search__holds", word) for word in fold(text).split()))


def company_key(name: str) -> str:
    """A company name folded and without its legal form, for sorting and for finding twins."""
    return LEGAL_FORMS.sub("", fold(name)).replace(" ", "").strip("-・.,")


SHORT_FORMS = {"(株)": "株式会社", "(有)": "有限会社", "(同)": "合同会社", "(資)": "合資会社", "(名)": "合名会社"}
SHORT_FORMS |= {"かぶしきがいしゃ": "株式会社", "ゆうげんがいしゃ": "有限会社", "ごうどうがいしゃ": "合同会社"}


def same_company(name: str) -> str:
    """A company name as it tells companies apart: folded, the legal form written out and where it stands.

    (株)山田 and 株式会社　山田 are the same, 山田(株) is another.
    """
    folded = fold(name).replace(" ", "")
    for short, written in SHORT_FORMS.items():
        folded = folded.replace(short, written)
    return folded


def has_legal_form(name: str) -> bool:
    return LEGAL_FORMS.search(fold(name)) is not None


if TYPE_CHECKING:
    TextColumn = models.TextField[str, str]
else:
    TextColumn = models.TextField


class FoldedField(TextColumn):
    """A column kept equal to the folded text of other columns whenever the row is saved one by one or in bulk.

    `QuerySet.update()` and `bulk_update()` do not pass here: whoever uses them on a source column writes this one too.
    """

    def __init__(self, *args: Any, sources: Sequence[str] = (), **kwargs: Any) -> None:
        self.sources = tuple(sources)
        kwargs.setdefault("default", "")
        kwargs.update(editable=False, blank=True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"sources": self.sources}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        values = (getattr(model_instance, source) for source in self.sources)
        text = "\n".join(self.key(" ".join(v) if isinstance(v, list) else str(v)) for v in values if v)
        setattr(model_instance, self.attname, text)
        return text

    def key(self, value: str) -> str:
        return fold(value)


class CompanyKeyField(FoldedField):
    """The same, with legal forms removed: 株式会社 and ㈱ neither sort nor tell apart."""

    def key(self, value: str) -> str:
        return company_key(value)


def corporate_number_check_digit(base: str) -> int:
    """The first digit of a 法人番号 from the other twelve.

    Source: 法人番号の指定等に関する省令 (Ministry of Finance ordinance no. 70 of 2014), article 2.
    """
    total = sum(int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(base), start=1))
    return 9 - total % 9


def validate_corporate_number(value: str) -> None:
    """Thirteen ASCII digits with a right check digit; says so when a spreadsheet has eaten some."""
    if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", value):
        raise ValidationError(
            _("“%(value)s” was shortened by a spreadsheet. Format the column as text and enter all 13 digits again."),
            code="spreadsheet",
            params={"value": value},
        )
    if value and not any(sign.isdigit() for sign in value):
        raise ValidationError(
            _("A corporate number has 13 digits; “%(value)s” has none."), code="letters", params={"value": value}
        )
    count = sum(sign.isdigit() for sign in value)
    if count == 13 < len(value):
        raise ValidationError(
            _("“%(value)s” holds more than the 13 digits of a corporate number; leave only these."),
            code="signs",
            params={"value": value},
        )
    if not _NUMBER.fullmatch(value) or not value.isascii():
        raise ValidationError(
            _("A corporate number has 13 digits; “%(value)s” has %(count)d. A spreadsheet may have dropped some."),
            code="length",
            params={"value": value, "count": count},
        )
    if int(value[0]) != corporate_number_check_digit(value[1:]):
        raise ValidationError(
            _("“%(value)s” is not a corporate number: its check digit does not fit. Please compare it digit by digit."),
            code="check_digit",
            params={"value": value},
        )


def clean_corporate_number(value: str) -> str:
    """Half-width digits without blanks, hyphens or commas, as people type or paste them (Ｔ of an invoice too)."""
    text = unicodedata.normalize("NFKC", value[:100]).translate(_DASHES)
    return re.sub(r"[\s,-]", "", text).removeprefix("T").removeprefix("t")


_HOLIDAYS = holidays.country_holidays("JP")


def add_working_days(start: date, days: int) -> date:
    """The date `days` working days after `start`: Japanese offices work neither at weekends nor on public holidays."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in _HOLIDAYS:
            days -= 1
    return day
