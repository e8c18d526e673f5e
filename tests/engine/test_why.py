"""Asking about any firm agrees with what the ranking says, and the parts of a score add up to it."""

import pytest
from hypothesis import given, settings

from matching.engine import why
from matching.engine.bands import FIRST
from matching.engine.criteria import Criterion, Kind, Outcome
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Index, analyse
from matching.engine.match import propose
from matching.engine.terms import Entry, Link, TermTable
from tests.engine.test_match import needs, registers

TABLE = TermTable.build([Entry("鋳造", "研磨", Link.PROCESS, 0.7), Entry("鍍金", "塗装", Link.SYNONYM, 0.8)])


@given(registers, needs)
@settings(max_examples=40, deadline=None)
def test_every_candidate_has_the_same_rank_score_and_band_when_asked_about(
    register: dict[int, FirmDocument], need: NeedDocument
) -> None:
    index = Index.build(map(analyse, register.values()), table=TABLE)
    for candidate in propose(index, need, register, len(register)):
        answer = why.ask(index, need, register[candidate.firm_id], register)
        assert answer.rank == candidate.rank
        assert answer.score == pytest.approx(candidate.score, abs=1e-6)
        assert (answer.verdict, answer.checks) == (candidate.verdict, candidate.checks)
        assert answer.band == candidate.band or answer.of > FIRST
        assert [item.term for item in answer.terms] == [item.term for item in candidate.terms]
        assert sum(answer.parts.values()) == pytest.approx(answer.score, abs=1e-5)
        assert set(answer.parts) == {"stated", "linked", "related", "feedback"}
        assert min(answer.parts.values()) > -1e-6


FIRMS = {
    1: FirmDocument(id=1, capability_text="真空ポンプの分解整備", employees=50),
    2: FirmDocument(id=2, capability_text="真空配管の溶接", employees=5),
    3: FirmDocument(id=3, capability_text="港湾の荷役", employees=90),
}
NEED = NeedDocument(id=1, text="減圧ポンプの整備", criteria=(Criterion(kind=Kind.EMPLOYEES, number=10),))


def test_a_firm_far_down_is_answered_too() -> None:
    table = TermTable.build([Entry("減圧", "真空", Link.PROCESS, 0.7)])
    index = Index.build(map(analyse, FIRMS.values()), table=table)
    first, second, third = (why.ask(index, NEED, firm, FIRMS) for firm in FIRMS.values())
    assert (first.rank, first.failed, first.verdict) == (1, None, Outcome.PASS)
    assert first.parts["stated"] > first.parts["linked"] > 0
    assert second.parts["stated"] == 0
    assert second.failed is not None
    assert (second.failed.asked, second.failed.found) == (10, 5)
    assert (third.score, third.text_rank, third.rank, third.of, third.terms) == (0.0, 3, 3, 3, ())
    assert first.grasp == pytest.approx(0.9, abs=0.1)
    assert third.grasp == 0


def test_a_firm_that_is_not_in_the_index_is_weighed_as_it_would_be_there() -> None:
    index = Index.build(map(analyse, FIRMS.values()))
    draft = FirmDocument(id=9, capability_text="真空ポンプの分解整備", employees=50)
    answer = why.ask(index, NEED, draft, FIRMS)
    assert answer.rank == 2, "the equal firm with the lower id stands before it"
    assert answer.score == pytest.approx(why.ask(index, NEED, FIRMS[1], FIRMS).score)


def test_too_deep_a_rank_is_told_by_text_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why, "DEEPEST", 0)
    index = Index.build(map(analyse, FIRMS.values()))
    answer = why.ask(index, NEED, FIRMS[2], FIRMS)
    assert answer.rank is None
    assert answer.text_rank == 2
