"""Terms of a text, and that they stand where the spans say, in the text as typed."""

import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.fold import MAX_CHARS, fold
from matching.engine.text import spans, tokens

ODD = st.text(alphabet=st.characters(), max_size=60) | st.text(
    alphabet="ｶﾞﾊﾟｰ㈱①か\u3099は\u309aA\u0301㍍\ud800\x00\ufffe𠮷ﬁ髙-一ーウエハねじ切りSUS304 .,・(Nadcap)\n", max_size=60
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ねじ切り", ["ねじ切り"]),
        ("ネジ切り加工", ["ねじ切り", "加工"]),
        ("ｱﾙﾏｲﾄ処理", ["アルマイト", "処理"]),
        ("SUS304の溶接", ["sus304", "sus", "溶接"]),
        ("SUS 304、Inconel 718", ["sus304", "sus", "inconel718", "inconel"]),
        ("ISO/IEC 17025", ["iso17025"]),
        ("Ti-6Al-4V", ["ti6al4v"]),
        ("ＩＳＯ９００１", ["iso9001"]),
        ("半導体", ["半導体"]),
        ("カバ一", ["カバー"]),
        ("pumps for the wafers", ["ポンプ", "ウエハー"]),
        ("当社は各種対応可能です", []),
        ("300mm 1,800台", ["台"]),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    "same", ["めっき メッキ ﾒｯｷ 鍍金", "ウェハ ウェーハ ウエハー ｳｪﾊ", "髙田鐵工 高田鉄工", "5軸 ５軸 五軸"]
)
def test_spellings_of_one_word_are_one_term(same: str) -> None:
    first, *others = (tokens(word) for word in same.split())
    assert first
    assert all(other == first for other in others)


def test_long_units_are_given_whole_and_in_parts() -> None:
    found = spans("クリーンルームの非破壊検査")
    assert [span.term for span in found][:3] == ["クリーンルーム", "クリーン", "ルーム"]
    assert (found[0].start, found[0].end) == (0, 7)


@pytest.mark.parametrize(
    ("text", "term", "surface"),
    [
        ("㈱のﾊﾞﾙﾌﾞ製造", "バルブ", "ﾊﾞﾙﾌﾞ"),
        ("か\u3099いしの𠮷野鐵工", "鉄工", "鐵工"),
        ("①②㌔㍍のﾒｯｷ", "鍍金", "ﾒｯｷ"),
        ("A\u0301\u0301 は\u309aんと溶接", "溶接", "溶接"),
        ("\ud800\x00溶接\ufffe", "溶接", "溶接"),
    ],
)
def test_spans_stand_in_the_text_as_typed(text: str, term: str, surface: str) -> None:
    found = next(span for span in spans(text) if span.term == term)
    assert text[found.start : found.end] == surface


@given(ODD)
def test_any_text_has_terms_and_places(text: str) -> None:
    found = spans(text)
    assert [span.term for span in found] == tokens(text)
    for span in found:
        assert span.term
        assert 0 <= span.start < span.end <= len(text)


@given(ODD)
def test_folding_keeps_places_in_order(text: str) -> None:
    folded = fold(text)
    if folded.starts is not None and folded.ends is not None:
        assert len(folded.text) == len(folded.starts) == len(folded.ends)
        assert list(folded.starts) == sorted(folded.starts)
    else:
        assert len(folded.text) == len(text)
    folded.text.encode()  # nothing that the tokenizer would refuse


@pytest.mark.parametrize("bomb", ["a" + "\u0301" * 200_000, "\u3099" * 200_000, "\ufdfa" * 50_000, "漢" * 200_000])
def test_long_and_hostile_texts_take_no_time(bomb: str) -> None:
    start = time.perf_counter()
    tokens(bomb)
    assert time.perf_counter() - start < 3
    assert len(fold(bomb).text) <= 18 * MAX_CHARS


def test_threads_give_the_same_terms() -> None:
    text = "真空ポンプの分解整備と非破壊検査。" * 20
    expected = tokens(text)
    wrong: list[int] = []
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)

    def work() -> None:
        wrong.extend(1 for _ in range(30) if tokens(text) != expected)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(before)
    assert not wrong
