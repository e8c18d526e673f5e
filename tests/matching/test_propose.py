from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from matching import propose as proposing
from matching import store
from matching.engine.criteria import Kind
from matching.fresh import IndexBehind, snapshot
from matching.jobs import Overtaken
from matching.models import NeedMatch, Proposal
from matching.propose import needs_met_by, propose, rank, write
from matching.review import add_by_hand, take
from registry.models import Criterion, Firm, Need
from registry.text import add_working_days
from tests.factories import BureauFactory, CriterionFactory, FirmFactory, NeedFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var")]


def seen_of(need: Need) -> list[tuple[object, ...]]:
    """What the matcher says on the need's proposals, without times."""
    rows = Proposal.objects.filter(need=need).order_by("firm")
    return list(rows.values_list("pk", "firm", "score", "rank", "verdict", "terms", "checks", "dropped_at", "due_on"))


def firms_of(need: Need) -> list[str]:
    return list(need.proposals.filter(dropped_at=None).order_by("rank").values_list("firm__name", flat=True))


def test_the_nearest_firm_comes_first_with_its_reasons(need: Need) -> None:
    CriterionFactory(need, number=100)
    build = store.rebuild()
    assert propose(need) >= 1
    best = Proposal.objects.get(need=need, rank=1)
    assert best.firm.name == "能代溶接"
    assert {term for term, *_ in best.terms} >= {"溶接", "塗装"}
    assert (best.verdict, best.checks[0]["asked"], best.checks[0]["found"]) == ("fail", 100, 30)
    assert best.due_on == add_working_days(timezone.localdate(), 5)
    assert (best.build, best.state, best.origin) == (build, "proposed", "matcher")


def test_matching_twice_changes_nothing(need: Need) -> None:
    store.rebuild()
    propose(need)
    before = seen_of(need)
    propose(need)
    assert seen_of(need) == before
    assert NeedMatch.objects.get(need=need).serial == 2


def test_building_the_index_again_changes_nothing(need: Need) -> None:
    store.rebuild()
    propose(need)
    before = seen_of(need)
    build = store.rebuild()
    propose(need)
    assert seen_of(need) == before
    assert set(need.proposals.values_list("build", flat=True)) == {build.pk}


def test_a_decision_survives_every_rematch(need: Need) -> None:
    store.rebuild()
    propose(need)
    by = BureauFactory()
    take("reject", Proposal.objects.get(need=need, rank=1), by=by, reason="capacity")
    Proposal.objects.filter(need=need, rank=2).update(assignee=by, state="held")
    need.text = "真空部品の切削加工"
    need.save()
    propose(need)
    rejected = Proposal.objects.get(need=need, firm__name="能代溶接")
    assert rejected.state == "rejected"
    assert rejected.decisions.count() == 1
    assert need.proposals.filter(assignee=by, state="held").count() <= 1
    assert Proposal.objects.filter(need=need, assignee=by).count() == Proposal.objects.filter(state="held").count()


def test_what_leaves_the_ranking_is_marked_and_comes_back(need: Need, monkeypatch: pytest.MonkeyPatch) -> None:
    store.rebuild()
    propose(need)
    [*_, last] = need.proposals.order_by("rank")
    monkeypatch.setattr(proposing, "TOP", need.proposals.count() - 1)
    propose(need)
    last.refresh_from_db()
    assert last.dropped_at is not None
    assert last.rank is None
    monkeypatch.undo()
    propose(need)
    last.refresh_from_db()
    assert last.dropped_at is None
    assert last.rank == need.proposals.count()


def archive(firm: Firm) -> None:
    firm.state = Firm.State.ARCHIVED
    firm.save()


WITHDRAWALS: dict[str, Callable[[Firm], object]] = {
    "archived by saving": archive,
    "archived by a step": lambda firm: Firm.objects.filter(pk=firm.pk).update(state=Firm.State.ARCHIVED),
    "unpublished": lambda firm: Firm.objects.filter(pk=firm.pk).update(state=Firm.State.DRAFT),
}


@pytest.mark.parametrize("how", WITHDRAWALS)
def test_a_withdrawn_firm_drops_out_without_a_new_index(need: Need, firms: list[Firm], how: str) -> None:
    store.rebuild()
    propose(need)
    WITHDRAWALS[how](firms[0])
    assert needs_met_by([firms[0].pk], snapshot())[firms[0].pk] == [need.pk]
    propose(need)
    assert need.proposals.get(firm=firms[0]).dropped_at is not None
    assert "能代溶接" not in firms_of(need)


def test_only_open_needs_are_matched(firms: list[Firm]) -> None:
    store.rebuild()
    for state in set(Need.State) - {Need.State.OPEN}:
        assert propose(NeedFactory(text="溶接と塗装", state=state)) == 0
    assert Proposal.objects.count() == 0


def test_a_firm_added_by_hand_stays_while_it_is_published(need: Need) -> None:
    store.rebuild()
    stranger = FirmFactory(name="湯沢木工", capability_text="家具")
    mine = add_by_hand(need, stranger, BureauFactory(), "knows the site")
    propose(need)
    mine.refresh_from_db()
    assert mine.dropped_at is None
    Firm.objects.filter(pk=stranger.pk).update(state=Firm.State.ARCHIVED)
    propose(need)
    mine.refresh_from_db()
    assert mine.dropped_at is not None


def test_firms_changed_since_the_build_count_as_if_they_were_in_it(need: Need, firms: list[Firm]) -> None:
    """A new, an edited and a withdrawn firm: the ranking has the same firms before and after the index is built."""
    store.rebuild()
    FirmFactory(name="新顔製缶", capability_text="鋼製架台の溶接と塗装")
    firms[2].capability_text = "架台の塗装と溶接"
    firms[2].save()
    firms[0].state = Firm.State.ARCHIVED
    firms[0].save()
    propose(need)
    at_once = firms_of(need)
    assert set(at_once[:2]) == {"新顔製缶", "男鹿港運"}
    store.rebuild()
    propose(need)
    assert set(firms_of(need)[:2]) == set(at_once[:2])


def test_after_an_import_the_index_comes_first(need: Need, monkeypatch: pytest.MonkeyPatch) -> None:
    store.rebuild()
    monkeypatch.setattr("matching.fresh.MOST_CHANGED", 1)
    FirmFactory()
    FirmFactory()
    with pytest.raises(IndexBehind, match="2 firms"):
        propose(need)


def test_a_changed_firm_meets_only_needs_that_it_enters_or_was_in(firms: list[Firm], need: Need) -> None:
    other = NeedFactory(title="真空容器", text="真空部品の切削加工")
    store.rebuild()
    propose(need)
    propose(other)
    met = needs_met_by([firms[0].pk], snapshot())[firms[0].pk]
    assert need.pk in met
    NeedMatch.objects.update(least=0.999)
    newcomer = FirmFactory(capability_text="部品の洗浄")
    assert needs_met_by([newcomer.pk], snapshot())[newcomer.pk] == []
    NeedMatch.objects.filter(need=other).update(least=0)
    assert needs_met_by([newcomer.pk], snapshot())[newcomer.pk] == [other.pk]


def test_a_slower_ranking_does_not_overwrite_a_newer_one(need: Need) -> None:
    store.rebuild()
    slow = rank(need.pk, snapshot())
    assert slow is not None
    need.text = "真空部品の切削加工"
    need.save()
    propose(need)
    before = seen_of(need)
    with pytest.raises(Overtaken):
        write(slow)
    assert seen_of(need) == before


def test_a_place_to_measure_from_is_the_project_when_none_is_said(need: Need) -> None:
    Criterion.objects.create(need=need, kind=Kind.DISTANCE, number=50)
    Criterion.objects.create(need=need, kind=Kind.PREFECTURE)
    store.rebuild()
    propose(need)
    [check] = need.proposals.earliest("pk").checks
    assert check["kind"] == "distance"
    assert check["found"] == 0.0


def test_queries_do_not_grow_with_the_register(
    need: Need, settings: LazySettings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(80):
        FirmFactory(capability_text=f"溶接と塗装 {number}")
    store.rebuild()
    with django_assert_max_num_queries(28):
        assert propose(need) == proposing.TOP
