"""What a need takes in from the register, and an index that is brought up to date."""

import numpy as np
import pytest

from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.index import Index, analyse
from matching.engine.score import Origin
from matching.engine.settings import Settings
from matching.engine.update import updated

TRADES = {"鋳造": "砂型 溶解 木型", "溶接": "配管 製缶 継手", "塗装": "防食 吹付 乾燥", "検査": "探傷 校正 測定"}
FIRMS = [
    FirmDocument(id=number, capability_text=f"{trade} {' '.join(words.split()[: 1 + number % 3])}")
    for number, (trade, words) in enumerate([*TRADES.items()] * 10, 1)
]
NEED = analyse(NeedDocument(id=1, text="木型"))


def test_a_firm_without_the_word_is_found_by_what_goes_with_it() -> None:
    plain = Index.build(map(analyse, FIRMS), Settings(related_share=0, feedback_share=0))
    wider = Index.build(map(analyse, FIRMS), Settings(feedback_share=0, related_dimensions=4))
    found = wider.rank(NEED, 40)
    casters = {firm.id for firm in FIRMS if "鋳造" in firm.capability_text}
    assert {match.firm_id for match in plain.rank(NEED, 20)} < casters
    assert {match.firm_id for match in found} >= casters
    assert {item.origin for match in found for item in match.terms} == {Origin.STATED, Origin.RELATED}


def test_a_need_learns_from_the_firms_of_a_first_look() -> None:
    index = Index.build(map(analyse, FIRMS), Settings(related_share=0))
    casters = {firm.id for firm in FIRMS if "鋳造" in firm.capability_text}
    assert {match.firm_id for match in index.rank(NEED, 20)} == casters


def test_no_part_of_a_reason_is_negative() -> None:
    index = Index.build(map(analyse, FIRMS), Settings(related_dimensions=4))
    need = analyse(NeedDocument(id=1, text="木型 測定 吹付"))
    assert all(item.contribution > 0 for match in index.rank(need, 40) for item in match.terms)


def test_one_need_has_the_vector_that_it_has_among_many() -> None:
    index = Index.build(map(analyse, FIRMS))
    needs = [analyse(NeedDocument(id=number, text=words)) for number, words in enumerate(TRADES.values())] * 40
    together = index.need_vectors(needs)
    for row in (0, 1, 63, 64, 150):
        assert np.array_equal(index.need_vectors([needs[row]]).toarray(), together[[row]].toarray())


def test_a_changed_firm_is_matched_without_building_anew() -> None:
    index = Index.build(map(analyse, FIRMS))
    new = FirmDocument(id=99, capability_text="鋳造 木型 砂型 溶解")
    changed = FirmDocument(id=1, capability_text="塗装")
    later = updated(index, [analyse(new), analyse(changed)])
    ids = [match.firm_id for match in later.rank(NEED, 40)]
    assert 99 in ids
    assert 1 not in ids
    assert list(later.ids) == sorted(later.ids)
    kept = later.by_firm[[later.row_of(5)]].toarray()
    assert np.array_equal(kept, index.by_firm[[index.row_of(5)]].toarray())
    with pytest.raises(ValueError, match="twice"):
        updated(index, [analyse(new), analyse(new)])
