"""Texts are read by the tokenizer once; matching many at once gives what matching one by one gives."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from matching import store, words, work
from matching.engine import text
from matching.engine.index import analyse
from matching.fresh import open_needs, snapshot
from matching.jobs import request_firm, request_need
from matching.models import FirmTerms, Job, NeedTerms, Proposal
from matching.propose import needs_met_by, propose, rank, rank_many
from registry.models import Firm, Need
from tests.factories import CapabilityFactory, CriterionFactory, FirmFactory, NeedFactory
from tests.matching.conftest import Sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var")]


@pytest.fixture
def tokenised(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of the documents that go through the tokenizer."""
    seen: list[int] = []

    def analyse_and_note(document: Any) -> Any:
        seen.append(document.id)
        return analyse(document)

    monkeypatch.setattr(words, "analyse", analyse_and_note)
    monkeypatch.setattr(words, "_held", type(words._held)())
    return seen


def test_a_build_tokenises_only_what_is_new(
    firms: list[Firm], need: Need, tokenised: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    welding = CapabilityFactory()
    firms[0].capabilities.add(welding)
    store.rebuild()
    assert sorted(tokenised) == [firm.pk for firm in firms]
    tokenised.clear()
    store.rebuild()
    assert tokenised == [], "nothing changed"
    firms[1].save()
    store.rebuild()
    assert tokenised == [], "saved with the same text"
    assert store.load().stamps[1] == store.stamp(Firm.objects.get(pk=firms[1].pk).updated_at)
    CapabilityFactory(code="unused", name="へら絞り")
    welding.name = "アーク溶接"
    welding.save()
    firms[2].capability_text = "真空部品の洗浄"
    firms[2].save()
    store.rebuild()
    assert tokenised == [firms[0].pk, firms[2].pk], "a name of the catalogue stands in the first"
    tokenised.clear()
    propose(need)
    words._held.clear()
    propose(need)
    assert tokenised == [need.pk]
    monkeypatch.setattr(text, "VERSION", text.VERSION + 1)
    words._held.clear()
    store.rebuild()
    propose(need)
    assert len(tokenised) == 1 + len(firms) + 1
    for stored, row in ((FirmTerms.objects.get(firm=firms[0]), firms[0]), (NeedTerms.objects.get(), need)):
        assert stored.version == text.VERSION, row


def test_the_index_of_stored_terms_is_the_index_of_the_texts(firms: list[Firm]) -> None:
    first = store.rebuild()
    FirmTerms.objects.all().delete()
    assert store.rebuild().checksum == first.checksum


def world() -> tuple[list[Firm], list[Need]]:
    trades = ["鋼構造物の溶接", "5軸切削加工", "港湾荷役と輸送", "制御盤の設計", "真空部品の洗浄", "アルミの鋳造"]
    firms = [FirmFactory(capability_text=f"{one}。{other}も行う", employees=n) for n, one in enumerate(trades, 20)
             for other in trades]  # fmt: skip
    needs = [NeedFactory(text=f"{one}と{other}を頼みたい") for one in trades for other in trades[:2]]
    for need in needs[::2]:
        CriterionFactory(need, number=22)
    return firms, needs


def test_many_needs_at_once_are_ranked_as_one_by_one() -> None:
    _, needs = world()
    store.rebuild()
    seen = snapshot()
    together = rank_many([need.pk for need in needs], seen)
    assert together == {need.pk: rank(need.pk, seen) for need in needs}


def test_vectors_kept_ready_score_as_vectors_made_anew() -> None:
    firms, needs = world()
    store.rebuild()
    for change in range(3):
        firms[change * 7].capability_text = "真空部品の洗浄と制御盤の設計"
        firms[change * 7].save()
        needs[change].text = "アルミの鋳造と5軸切削加工"
        needs[change].save()
        Need.objects.filter(pk=needs[-1 - change].pk).update(state=Need.State.FILLED)
        seen = snapshot()
        wanted = open_needs(seen)
        assert list(wanted.states) == list(Need.objects.open().order_by("pk").values_list("pk", flat=True))
        anew = seen.index.need_vectors(analyse(document) for document in wanted.documents.values())
        vectors = [seen.index.firm_vector(analysis) for analysis in words.of_firms(firm.pk for firm in firms)]
        scores = wanted.matrix.scores(vectors, seen.index, seen.changed)
        for got, vector in zip(scores, vectors, strict=True):
            np.testing.assert_allclose(got, (anew @ vector.T).toarray().ravel(), atol=1e-6)


def test_a_burst_of_changed_firms_is_one_piece_of_work(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    firms, needs = world()
    store.rebuild()
    for need in needs:
        propose(need)
    asked: list[int] = []

    def met(firm_ids: Sequence[int], seen: Any) -> dict[int, list[int]]:
        asked.append(len(firm_ids))
        return needs_met_by(firm_ids, seen)

    monkeypatch.setattr(work, "needs_met_by", met)
    for firm in firms[:10]:
        firm.capability_text = "アルミの鋳造"
        firm.save()
        request_firm(firm.pk)
    first = Job.objects.filter(kind="firm").earliest("pk")
    assert work.work([first.pk]) == 10
    assert asked == [10]
    assert not Job.objects.filter(kind="firm", state="queued").exists()
    assert Job.objects.filter(kind="need", state="queued").exists()


def test_a_need_that_cannot_be_matched_fails_alone(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    _, needs = world()
    store.rebuild()

    def picky(need_ids: Sequence[int], seen: Any) -> Any:
        if needs[1].pk in need_ids:
            raise ArithmeticError("one of these")
        return rank_many(need_ids, seen)

    monkeypatch.setattr(work, "rank_many", picky)
    ids = [request_need(need.pk).pk for need in needs[:4]]
    assert work.work(ids) == 3
    left = Job.objects.get(state="queued")
    assert (left.need, left.attempts) == (needs[1], 1)
    assert "ArithmeticError" in left.error
    assert Proposal.objects.values("need").distinct().count() == 3
