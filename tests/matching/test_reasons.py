"""What a proposal keeps of why it was made, and how it is told."""

import pytest

from matching import store
from matching.models import Proposal
from matching.propose import propose
from matching.reasons import Reason, reasons
from registry.models import Need
from tests.factories import CoordinatorFactory, FirmFactory, NeedFactory, ProposalFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.on_postgres]


@pytest.fixture
def linked() -> Need:
    """The term table leads from 減圧 to 真空."""
    FirmFactory(name="北上真空", capability_text="真空ポンプの分解整備。")
    FirmFactory(name="男鹿港運", capability_text="重量物の港湾荷役と輸送。")
    return NeedFactory(title="減圧機器", text="減圧機器の面倒を見る会社")


@pytest.mark.usefixtures("own_var")
def test_a_term_keeps_the_words_of_the_need_that_led_to_it(linked: Need) -> None:
    build = store.rebuild()
    propose(linked)
    best = Proposal.objects.get(need=linked, rank=1)
    found = {reason.term: reason for reason in reasons(best)}
    assert best.firm.name == "北上真空"
    assert (found["真空"].origin, found["真空"].via) == ("linked", "減圧")
    assert best.build == build
    assert len(build.table_fingerprint) == len(build.settings_fingerprint) == 64
    page = sign_in(CoordinatorFactory()).get(best.get_absolute_url()).content.decode()
    assert '<mark>真空</mark> <span aria-hidden="true">←</span>' in page
    assert "<mark>減圧</mark>機器" in page, "the need's own words are marked too"
    assert build.table_fingerprint[:8] in page


def test_the_same_register_has_the_same_fingerprints(own_var: None, linked: Need) -> None:
    first, second = store.rebuild(), store.rebuild()
    assert first.table_fingerprint == second.table_fingerprint
    assert first.settings_fingerprint == second.settings_fingerprint


def test_a_proposal_of_before_is_shown_as_it_is() -> None:
    row = ProposalFactory(terms=[["溶接", 0.3]])
    assert reasons(row) == [Reason("溶接", 0.3)]
    page = sign_in(CoordinatorFactory()).get(row.get_absolute_url()).content.decode()
    assert "<mark>溶接</mark>" in page
    assert "←" not in page
