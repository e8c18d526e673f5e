"""CSV as Excel in Japan and other programs write it: which encoding, which separator, and where it is broken."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from statistics import median

from django.utils.translation import gettext as _

from registry.intake.cells import MOST_COLUMNS, MOST_ROWS, Cell, clean, filled
from registry.intake.workbook import FileRefused

_SEPARATORS = ",\t;"
_LOOKED_AT = 20  # lines, to tell the separator
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_USUAL = re.compile(r"[\t\r\n -~\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e々〆ヶ①-⑳Ⅰ-Ⅹ㈱㈲※→×±φΦ℃㎜㎡ー―～…○◯●◎□■△▲◇◆☆★]")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uff01-\uff9f\u3001-\u3015]")
_PLAIN_TEXT = 0.9
"""Share of usual signs from which bytes are believed to be in an encoding that they do not prove."""
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_KEPT_AS_TEXT = re.compile(r'\A="([^"]*)"\Z')
"""="0185" makes Excel keep a text of digits as it is; of our own files no cell begins so."""


def rows(data: bytes) -> Iterator[list[Cell]]:
    """The lines as cells; line breaks inside quotation marks belong to the cell. Raises FileRefused."""
    encoding = _encoding(data)
    with io.TextIOWrapper(io.BytesIO(data), encoding, newline="") as text:
        start = text.read(100_000)
    declared = _SEP_LINE.match(start)  # Excel's own way of saying it
    separator = declared[1] if declared else _separator(start)
    with io.TextIOWrapper(io.BytesIO(data), encoding, newline="") as text:
        reader = csv.reader(text, delimiter=separator, strict=True)
        begun = 1
        try:
            for number, row in enumerate(reader, start=1):
                if number == 1 and declared:
                    yield []
                else:
                    yield _cells(row, number)
                begun = reader.line_num + 1
        except csv.Error as error:
            raise FileRefused(
                _(
                    "Line %(line)d: a quotation mark is not closed, or stands inside a text without being doubled. "
                    "Correct the line, or save the file as .xlsx."
                )
                % {"line": begun}
            ) from error


def _cells(row: list[str], number: int) -> list[Cell]:
    cells: list[Cell] = [clean(_KEPT_AS_TEXT.sub(r"\1", cell)) for cell in row]
    width = filled(cells)
    if width > MOST_COLUMNS:
        raise FileRefused(
            _("Line %(line)d has %(count)d cells; at most %(most)d are read. Delete columns that are not needed.")
            % {"line": number, "count": width, "most": MOST_COLUMNS}
        )
    if width and number > MOST_ROWS:
        raise FileRefused(_("The file has more than %(most)d rows. Divide it.") % {"most": MOST_ROWS})
    return cells[:width]


# ---- encoding --------------------------------------------------------------------------------------------------------
def _encoding(data: bytes) -> str:
    """By the mark, else by what the bytes prove, else by which reading gives Japanese. Raises FileRefused."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _proved(data, encoding)
    if b"\x00" in data:
        return _wide(data)
    if b"\x1b$" in data and data.isascii():
        return _proved(data, "iso2022_jp_ext")
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and _line_in_utf8(data):
            raise _unreadable(data, error.start) from error  # the end of a file in UTF-8 is missing
        return _older(data, error.start)
    return "utf-8-sig"


def _proved(data: bytes, encoding: str) -> str:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _unreadable(data, error.start) from error
    return encoding


def _wide(data: bytes) -> str:
    """UTF-16 without its mark; a NUL anywhere else is damage."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and _usual(text) > _PLAIN_TEXT:
            return encoding
    raise FileRefused(
        _("Line %(line)d holds a sign that no text has (NUL). Save the file again from Excel as “CSV UTF-8” or .xlsx.")
        % {"line": data.count(b"\n", 0, data.index(b"\x00")) + 1}
    )


def _older(data: bytes, broken: int) -> str:
    """CP932, or EUC-JP where that is plainer text. A file that changes its encoding on the way is refused."""
    found: dict[str, float] = {}
    for encoding in ("cp932", "euc_jp"):
        try:
            found[encoding] = _usual(data.decode(encoding))
        except UnicodeDecodeError as error:
            broken = max(broken, error.start) if encoding == "cp932" else broken
    if mixed := _line_in_utf8(data):
        raise FileRefused(
            _(
                "Line %(line)d is UTF-8, other lines are not. Two files were put together; save them anew in one "
                "encoding."
            )
            % {"line": mixed}
        )
    best = max(found, key=lambda encoding: found[encoding], default="")
    if not best or found[best] < _PLAIN_TEXT / 2:
        raise _unreadable(data, broken)
    return best


def _line_in_utf8(data: bytes) -> int:
    """The first line that is UTF-8 with Japanese in it, which CP932 never is by chance; 0 when there is none."""
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.isascii():
            try:
                text = line.decode()
            except UnicodeDecodeError:
                continue
            if len(_JAPANESE.findall(text)) > 1:
                return number
    return 0


def _usual(text: str) -> float:
    """The share of signs that a table of an office is made of, among the first ones."""
    looked_at = text[:20_000]
    return len(_USUAL.findall(looked_at)) / max(len(looked_at), 1)


def _unreadable(data: bytes, place: int) -> FileRefused:
    return FileRefused(
        _("Line %(line)d is neither UTF-8 nor Shift_JIS (CP932). Save the file as “CSV UTF-8” or as .xlsx.")
        % {"line": data.count(b"\n", 0, place) + 1}
    )


# ---- separator -------------------------------------------------------------------------------------------------------
def _separator(start: str) -> str:
    """The separator that gives the first lines the most columns."""
    return max(_SEPARATORS, key=lambda separator: (_columns(start, separator), -_SEPARATORS.index(separator)))


def _columns(start: str, separator: str) -> float:
    try:
        lines = list(islice(csv.reader(io.StringIO(start), delimiter=separator), _LOOKED_AT))
    except csv.Error:
        return 0
    return median(len(line) for line in lines) if lines else 0
