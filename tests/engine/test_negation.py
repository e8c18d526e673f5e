"""What a text says is not done must not count; what only looks like it must."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.negation import negated
from matching.engine.text import spans, tokens


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("小物の金型。大物の型は設備上できません。", "大物の型は設備上できません"),
        ("塗装は、行っておりません。溶接可", "塗装は、行っておりません"),
        ("切削が得意、めっきは対応不可", "めっきは対応不可"),
        ("鋳造は扱いません", "鋳造は扱いません"),
        ("風車の経験はありません。橋梁は多数。", "風車の経験はありません"),
        ("溶接は不要、切削のみ", "溶接は不要"),
        ("量産は承っておりません", "量産は承っておりません"),
        ("we do not offer casting, but machine castings", "do not offer casting"),
        ("painting is not available; welding is", "painting is not available"),
        ("no plating. welding and machining", "no plating"),
        ("鋳造、鍛造、めっきは不可。切削は可", "鋳造、鍛造、めっきは不可"),
        (
            "溶接は可。塗装、めっき、ろう付けについては対応しておりません。",
            "塗装、めっき、ろう付けについては対応しておりません",
        ),
        ("鋳造・鍛造は扱いません", "鋳造・鍛造は扱いません"),
        ("チタン、インコネル、sus 316の加工は、お断り", "チタン、インコネル、sus 316の加工は、お断り"),
        ("切削、研磨を行い、塗装は不可", "塗装は不可"),
        ("溶接可、" + "等" * 60 + "ぬは不可", "等" * 60 + "ぬは不可"),  # read once, not in every way there is
        ("溶接可、塗装は不可", "塗装は不可"),
        ("5軸加工に対応、旋盤、塗装は不可", "旋盤、塗装は不可"),
        ("大物の製缶が得意です、塗装は不可", "塗装は不可"),
        ("we do not do casting, forging or plating. we weld", "do not do casting, forging or plating"),
        ("we cannot paint, plate, or cast; machining only", "cannot paint, plate, or cast"),
        ("no casting, we machine castings or forgings", "no casting"),
        (
            "painting, plating and casting are not available; welding is",
            "painting, plating and casting are not available",
        ),
        ("we have 5 machines, painting and plating are not offered", "painting and plating are not offered"),
    ],
)
def test_a_clause_that_denies_is_found(text: str, denied: str) -> None:
    assert [text[start:end].strip() for start, end in negated(text)] == [denied]


@pytest.mark.parametrize(
    "text",
    [
        "ステンレス以外は扱いません",
        "他社でできない加工が得意",
        "品質管理は不可欠です",
        "納期に問題ありません",
        "当社にしかできません",
        "please do not hesitate to ask about welding",
        "not only casting but machining",
        "溶接、切削、めっき",
    ],
)
def test_what_only_looks_like_a_denial_counts(text: str) -> None:
    assert negated(text) == []


def test_denied_words_are_no_terms() -> None:
    assert "塗装" not in tokens("溶接と製缶。塗装は行っておりません。")
    assert {"溶接", "製缶"} <= set(tokens("溶接と製缶。塗装は行っておりません。"))
    assert not any(span.term == "塗装" for span in spans("㈱の溶接。塗装は行っておりません。"))


@given(st.text(alphabet="塗装は行って扱いませんできない不可、。 notdo.,\n", max_size=60))
def test_places_lie_in_the_text(text: str) -> None:
    assert all(0 <= start < end <= len(text) for start, end in negated(text))
