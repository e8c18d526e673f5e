"""Cells of a file, whatever it was: what they may be, how they are cleaned and how a line is kept. Imports no Django.

The program that takes workbooks apart (`unpack`) runs on its own and uses this module too.
"""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime

Cell = str | int | float | bool | date | datetime | None

MOST_ROWS = 200_000
MOST_COLUMNS = 256
MOST_SHEETS = 20
_DROPPED = dict.fromkeys(
    [
        *(*range(9), 11, 12, *range(14, 32), *range(127, 160)),  # controls; 133 is the next line of mainframes
        *(0xAD, 0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xFFFE, 0xFFFF),
    ]
)
"""Signs that nobody sees or meant: they would make two names of one. Joiners and variants of kanji stay."""
_GUARDED = re.compile(r"'(?='*[=+\-@＝＋－＠\t\r\n])")


def clean(text: str) -> str:
    """Without invisible signs, line ends as one kind; the apostrophe that only guards a formula goes."""
    text = text[1:] if _GUARDED.match(text) else text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED).strip()


def is_blank(cell: Cell) -> bool:
    return cell is None or cell == ""


def filled(row: Sequence[Cell]) -> int:
    """How many cells from the left reach the last one that holds anything."""
    return next((place for place in range(len(row), 0, -1) if not is_blank(row[place - 1])), 0)


def encode(row: Sequence[Cell]) -> bytes:
    """A line as JSON; days and times are told from texts by their key."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_tagged).encode() + b"\n"


def _tagged(value: object) -> dict[str, str]:
    assert isinstance(value, date)
    return {"at" if isinstance(value, datetime) else "on": value.isoformat()}


def decode(line: bytes) -> list[Cell]:
    row: list[Cell] = json.loads(line, object_hook=_untagged)
    return row


def _untagged(tagged: dict[str, str]) -> date | datetime:
    return datetime.fromisoformat(tagged["at"]) if "at" in tagged else date.fromisoformat(tagged["on"])
