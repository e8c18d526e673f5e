from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """A file and what it must give.

    refused  a part of the message (English) with which the whole file is refused; empty when it is read
    counts   lines by what becomes of them
    values   what single lines mean: {line: {field: value}}
    remarks  what is refused: (line, field, part of the value as typed, part of the remedy)
    seconds  within which it must be answered, on a busy machine
    """

    title: str
    ending: str
    data: Callable[[], bytes]
    refused: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    remarks: Sequence[tuple[int, str, str, str]] = ()
    seconds: float = 5.0

    def __str__(self) -> str:
        return f"{self.title}{self.ending}"


def fixed(data: bytes) -> Callable[[], bytes]:
    return lambda: data
