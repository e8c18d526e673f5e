"""What a cell means: numbers, dates and words as people of offices type them, or a refusal that says what to do.

Each function takes a cell as `sheets` gives it and raises ValidationError with a message for the person who typed it.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from registry.intake.cells import Cell
from registry.text import clean_corporate_number, fold, validate_corporate_number

CELL_LIMIT = 10_000
"""Characters, before anything is normalised: that is quadratic in odd cases."""

_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925, "大正": 1911, "t": 1911}
_ERAS |= {"明治": 1867, "m": 1867}
_ERA_DAY = re.compile(
    r"(令和|平成|昭和|大正|明治|[rhstm])\.?\s*(元|\d{1,2})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?"
)
_DAY = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?(?:[ t]\d{1,2}:\d{2}(?::\d{2})?)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ERA_YEAR = re.compile(r"(令和|平成|昭和|大正|明治|[rhstm])\.?\s*(元|\d{1,2})\s*年?(?:度|[./-]?\s*\d{1,2}\s*月?)?")
_YEAR = re.compile(r"(\d{4})\s*年?(?:[./-]?\s*\d{1,2}\s*月?(?:[./-]?\s*\d{1,2}\s*日?)?)?")
_UNITS = {"": 1, "千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "億": 100_000_000, "兆": 10**12}
_DIGITS, _MULTIPLE = r"\d+(?:\.\d+)?", "千万|百万|千|万|億|兆"
_PART = re.compile(rf"(-?{_DIGITS})\s*({_MULTIPLE})?")
_NUMBER = re.compile(  # every part but the last has its multiple: digits can be read in one way only
    rf"約?\s*(-?(?:{_DIGITS}\s*(?:{_MULTIPLE})\s*)*(?:{_DIGITS})?)\s*(?:円|人|名|個|台|基|日|件|社|枚|本|式|セット)?"
)
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(10_000, 80_000)  # 1927 to 2119
_ROUNDED = re.compile("[0-9]{7}0{6}")
_YEARS = range(1500, 2201)
NOTHING = {"", "-", "ー", "―", "–", "—", "なし", "無", "無し", "未定", "不明", "n/a", "none", "該当なし"}
_DITTO = {"〃", "仝", "同上", "々", "″"}
_ERRORS = {"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
_YES = {"yes", "y", "true", "1", "はい", "有", "あり", "有り", "○", "◯", "〇", "済", "✓"}
_NO = {"no", "n", "false", "0", "いいえ", "×", "✕", "未"} | NOTHING
_LOST = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_BREAKS = re.compile(r"(?<![^\S\u3000])[^\S\u3000]*[\n\u2028\u2029]\s*")
_BETWEEN = re.compile(r"[、,;；，]+")


def text(cell: Cell, longest: int = CELL_LIMIT) -> str:
    """The words of a cell; a number or a day as it is written."""
    words = cell.isoformat() if isinstance(cell, date) else "" if cell is None else str(cell)
    if words.upper() in _ERRORS:
        raise ValidationError(
            _("the cell holds an error of Excel (%(error)s); correct the formula"), params={"error": words}
        )
    if words in _DITTO:
        raise ValidationError(
            _("“%(ditto)s” stands for the line above; write it out, as lines are read one by one"),
            params={"ditto": words},
        )
    if len(words) > longest:
        raise ValidationError(
            _("%(count)d characters; at most %(most)d are possible"), params={"count": len(words), "most": longest}
        )
    if lost := _LOST.search(words):
        raise ValidationError(
            _(
                "“%(start)s” holds a sign that was lost on the way (U+%(code)04X, a 外字 or a wrong encoding); type it "
                "again"
            ),
            params={"start": words[max(lost.start() - 5, 0) : lost.end() + 5], "code": ord(lost[0])},
        )
    return words.strip()


def line(cell: Cell, longest: int) -> str:
    """Words that stand in one line: a line break in the cell becomes a blank, other blanks stay as typed."""
    return _BREAKS.sub(" ", text(cell, longest))


def entry(cell: Cell, longest: int) -> str:
    """As `line`; a sign or a word for nothing is nothing."""
    typed = line(cell, longest)
    return "" if typed.lower() in NOTHING else typed


def words(cell: Cell, longest: int = 200) -> list[str]:
    """Several entries of one cell, each once: one a line, or between commas where there is only one line."""
    typed = text(cell)
    found = [part.strip(" \u3000・") for part in (typed.split("\n") if "\n" in typed else _BETWEEN.split(typed))]
    if long := next((part for part in found if len(part) > longest), None):
        raise ValidationError(
            _("“%(start)s…” is longer than %(most)d characters"), params={"start": long[:20], "most": longest}
        )
    return list(dict.fromkeys(part for part in found if part and part.lower() not in NOTHING))


def corporate_number(cell: Cell) -> str | None:
    """Thirteen digits with a right check digit, or None for an empty cell."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        cell = f"{cell:.0f}"
    typed = text(cell, 100)
    if typed.lower() in NOTHING:
        return None
    digits = clean_corporate_number(typed)
    if _ROUNDED.fullmatch(digits):  # 7.00001E+12 written out again; it may even pass the check digit
        digits = f"{float(digits):.5e}".replace("e+", "E+")
    validate_corporate_number(digits)
    return digits


def whole(cell: Cell, most: int = 2_147_483_647) -> int | None:
    """A whole number, with separators, wide digits and units as typed: 1,200 · ４６名 · 約50人 · 1億2,000万円."""
    if isinstance(cell, bool | date):
        raise _no_number(text(cell))
    if isinstance(cell, int | float):
        return _bounded(float(cell), str(cell), most)
    typed = folded(cell)
    if typed in NOTHING:
        return None
    match = _NUMBER.fullmatch(_without_separators(typed))
    parts = [(float(number), _UNITS[unit]) for number, unit in _PART.findall(match[1])] if match else []
    if not parts or any(unit >= before for (_, before), (_, unit) in pairwise(parts)):
        raise _no_number(text(cell))
    return _bounded(sum(number * unit for number, unit in parts), text(cell), most)


def _without_separators(typed: str) -> str:
    """1,200 is 1200; a comma elsewhere is none between thousands, and 1,5 not 15."""
    return _THOUSANDS.sub(lambda found: found[0].replace(",", ""), typed)


def amount(cell: Cell, unit: str) -> int | None:
    """Yen, where the heading says in which unit the numbers stand; a cell with a unit of its own means that."""
    if isinstance(cell, str) and any(sign in cell for sign in "千万億円"):
        return whole(cell, 10**15)
    number = cell if isinstance(cell, int | float) and not isinstance(cell, bool) else whole(cell, 10**15)
    return None if number is None else _bounded(round(float(number) * _UNITS[unit], 3), str(cell), 10**15)


def _bounded(number: float, typed: str, most: int) -> int:
    if number != number or not 0 <= number <= most:
        raise ValidationError(
            _("“%(typed)s” is not between 0 and %(most)d"), params={"typed": typed[:40], "most": most}
        )
    if number != int(number):
        raise ValidationError(_("“%(typed)s” is not a whole number"), params={"typed": typed[:40]})
    return int(number)


_MEASURE = re.compile(r"(?:φ|最大|約)?\s*(\d+(?:\.(\d+))?)\s*(\D+)")


def measure(cell: Cell, units: Mapping[str, str], decimals: int = 2) -> str | None:
    """A number with so many decimals at most and one of the units: "1200 mm". `units`: spellings → what is kept."""
    typed = folded(cell)
    if typed in NOTHING:
        return None
    match = _MEASURE.fullmatch(_without_separators(typed))
    written = match and next((unit for spelling, unit in units.items() if fold(spelling) == fold(match[3])), None)
    if not match or not written or len(match[2] or "") > decimals or float(match[1]) >= 10 ** (9 - decimals):
        raise ValidationError(
            _("“%(typed)s” is not a size; write a number and one of these units: %(units)s"),
            params={"typed": text(cell)[:40], "units": " ".join(dict.fromkeys(units.values()))},
        )
    return f"{Decimal(match[1]).normalize():f} {written}"


def _no_number(typed: str) -> ValidationError:
    return ValidationError(
        _("“%(typed)s” is not a number; write digits only, for example 46"), params={"typed": typed[:40]}
    )


def day(cell: Cell) -> date | None:
    """A day: a date of Excel or its serial number, 2027-03-31, 2027/3/31, 2027年3月31日, 令和9年3月31日, R9.3.31."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if _SERIALS[0] <= cell <= _SERIALS[-1]:
            return _EXCEL_EPOCH + timedelta(days=int(cell))
        cell = str(cell)
    typed = folded(cell)
    if typed in NOTHING:
        return None
    try:
        if match := _ERA_DAY.fullmatch(typed):
            year = _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
            return date(year, int(match[3]), int(match[4]))
        if match := _DAY.fullmatch(typed) or _COMPACT_DAY.fullmatch(typed):
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise ValidationError(_("“%(typed)s” is no day of the calendar"), params={"typed": text(cell)[:40]}) from None
    raise ValidationError(
        _("“%(typed)s” is not a date; write it like 2027-03-31 or 令和9年3月31日"), params={"typed": text(cell)[:40]}
    )


def year(cell: Cell) -> int | None:
    """A year, also of a whole date or an era: 1987 · 昭和62年 · S62 · 1987年4月 · a date of Excel or its number."""
    if isinstance(cell, date):
        return cell.year
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell in _SERIALS:
        return (_EXCEL_EPOCH + timedelta(days=int(cell))).year
    typed = folded(cell)
    if typed in NOTHING:
        return None
    if match := _ERA_DAY.fullmatch(typed) or _ERA_YEAR.fullmatch(typed):
        found = _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
    else:
        match = _YEAR.fullmatch(typed)
        found = int(match[1]) if match else 0
    if found in _YEARS:
        return found
    raise ValidationError(_("“%(typed)s” is not a year; write it like 1987 or 昭和62年"), params={"typed": typed[:40]})


def answer(cell: Cell) -> bool:
    """Yes or no; an empty cell is no."""
    if isinstance(cell, bool):
        return cell
    typed = folded(cell)
    if typed in _YES:
        return True
    if typed in _NO:
        return False
    raise ValidationError(_("“%(typed)s” is neither yes nor no; write 有 or 無"), params={"typed": typed[:40]})


def folded(cell: Cell) -> str:
    """As `text`, in half width and lower case."""
    return unicodedata.normalize("NFKC", text(cell, 200)).strip().lower()
