"""Fold the spelling of a text (width, case, dashes) and remember where each folded character came from.

NFKC changes lengths (㈱ → (株), ｶﾞ → ガ), so a term found in the folded text stands elsewhere in the text as typed.
`fold` therefore works on clusters, a character with the marks that belong to it, and keeps an offset map.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_CHARS = 10_000  # NFKC on a long run of combining marks is quadratic: 10,000 marks take 0.2 s, 200,000 take 49 s
MAX_MARKS = 8  # marks kept together with their letter; more is not writing

# Kept as they are: printable ASCII, kana, common kanji. Neither width nor composition changes them ...
_KEPT = r"[\n -~\u3001-\u3002\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff\u3005]"
# ... unless a mark follows: combining, sound marks of half-width kana, joiners, variation selectors.
_MARK = (
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31-\u0e3a"
    r"\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u200d\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f\uff9e\uff9f"
    r"\U000e0100-\U000e01ef]"
)
_PLAIN = re.compile(f"{_KEPT}*\\Z")
_PIECES = re.compile(f"(?P<plain>{_KEPT}+(?!{_MARK}))|(?P<cluster>.{_MARK}{{0,{MAX_MARKS}}})", re.DOTALL)
_DASHES: dict[int, str | int | None] = dict.fromkeys(map(ord, "‐‑‒–—―−﹣⁃"), "-")
_WAVES: dict[int, str | int | None] = dict.fromkeys(map(ord, "〜∼∿～"), "~")
_OLD_FORMS = str.maketrans(
    "髙﨑德濵瀨邊邉澤廣國鐵會龍齋齊櫻嶋槗𠮷學實圓壓變應營團豫鑄鍊",
    "高崎徳浜瀬辺辺沢広国鉄会竜斎斎桜島橋吉学実円圧変応営団予鋳錬",
)
_TABLE: dict[int, str | int | None] = {**_DASHES, **_WAVES, **_OLD_FORMS}
# A dash or the kanji 一 behind katakana is a mistyped or misread ー: ウエ-ハ, カバ一. Not so in メーカ一覧.
_LONG_SOUND = re.compile(r"(?<=[ァ-ヺ])[-一](?![\u4e00-\u9fff0-9a-z])")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and where its characters stand in the text as typed.

    text    folded: NFKC, lower case, one kind of dash and wave, current kanji forms, no control characters
    starts  for each folded character the offset of its first original character; None: the same offset
    ends    for each folded character the offset behind its last original character
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stands in the text as typed. Needs start < end."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Fold any string, however odd; what follows its first MAX_CHARS characters is not read."""
    text = text[:MAX_CHARS]
    if _PLAIN.match(text):
        return Folded(_long_sounds(text.lower().translate(_TABLE)))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _PIECES.finditer(text):
        start, end = found.span()
        if found.lastgroup == "plain":
            pieces.append(found.group().lower().translate(_TABLE))
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            piece = _fold_cluster(found.group())
            pieces.append(piece)
            starts.extend([start] * len(piece))
            ends.extend([end] * len(piece))
    return Folded(_long_sounds("".join(pieces)), tuple(starts), tuple(ends))


@lru_cache(maxsize=20_000)
def _fold_cluster(cluster: str) -> str:
    folded = unicodedata.normalize("NFKC", cluster).lower().translate(_TABLE)
    return "".join(character if _is_text(character) else " " for character in folded)


def _is_text(character: str) -> bool:
    """Not a control character, lone surrogate, private or unassigned code point: the tokenizer refuses some of them."""
    return character == "\n" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _long_sounds(text: str) -> str:
    return _LONG_SOUND.sub("ー", text)
