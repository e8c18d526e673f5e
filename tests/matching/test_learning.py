"""From a decision to another order, and back to exactly the old one."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import translation

from matching import learning, store
from matching.engine import learn
from matching.models import OrderModel, OrderModelEvent, Proposal
from matching.propose import propose
from matching.review import take
from registry.models import Need
from registry.steps import StepRefused
from tests.factories import BureauFactory, CoordinatorFactory, CriterionFactory, FirmFactory, NeedFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var", "sent")]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


SAID = ("firm", "score", "band", "verdict", "terms", "checks", "base_rank", "place", "features")


def said_of(need: Need) -> list[tuple[object, ...]]:
    return list(Proposal.objects.filter(need=need).order_by("firm").values_list(*SAID))


def ranks_of(need: Need) -> dict[int, int]:
    return dict(Proposal.objects.filter(need=need).values_list("firm", "rank"))


def test_decisions_are_learnt_measured_used_and_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    bureau = BureauFactory()
    for employees in (5, 500) * 6:
        FirmFactory(capability_text=f"鋼製架台の溶接と塗装、{'検査' * (employees < 10) * 5}", employees=employees)
    needs = [NeedFactory(title="風車内部の架台", text="鋼製架台の溶接と塗装をお願いしたい。") for _ in range(3)]
    for need in needs:
        CriterionFactory(need, number=100, hard=False)
    store.rebuild()
    for need in needs:
        propose(need)
    before = said_of(needs[0]), ranks_of(needs[0])
    assert all(base == rank for base, rank in Proposal.objects.values_list("base_rank", "rank"))

    with pytest.raises(learning.TooFew, match="0 decisions"):
        learning.train()
    for proposal in Proposal.objects.filter(firm__employees=5).order_by("pk"):
        take("shortlist", proposal, by=bureau, reason="fit")
    for proposal in Proposal.objects.filter(firm__employees=500).order_by("pk"):
        take("reject", proposal, by=bureau, reason="size")
    first = Proposal.objects.filter(state="shortlisted").earliest("pk")
    take("reject", first, by=bureau, reason="not_interested")  # tells nothing about fitting
    assert (learning.stock().decisions, learning.stock().accepted) == (35, 17)
    monkeypatch.setattr(learning, "LEAST", 30)
    with pytest.raises(learning.TooFew, match="one kind"):
        learning.train()  # the later fifth was all rejected

    held = learning.examples()
    monkeypatch.setattr(learning, "examples", lambda: sorted(held, key=lambda item: (item.need, item.accepted)))
    model = learning.train()
    assert model.better
    assert set(model.weights["names"]) == set(learn.NAMES)
    with pytest.raises(StepRefused, match="Only the bureau"):
        learning.take("activate", model, by=CoordinatorFactory())
    learning.take("activate", model, by=bureau)
    with pytest.raises(StepRefused, match="Another learnt order"):
        learning.take("activate", learning.train(), by=bureau)
    propose(needs[0])
    assert said_of(needs[0]) == before[0]  # only the order changes
    small = set(Proposal.objects.filter(firm__employees=5).values_list("firm", flat=True))
    assert max(ranks_of(needs[0])[firm] for firm in small) <= max(before[1][firm] for firm in small)
    assert ranks_of(needs[0]) != before[1]
    moved = Proposal.objects.filter(need=needs[0], rank=1).get()
    assert moved.order_model == model
    page = sign_in(bureau).get(moved.get_absolute_url()).content.decode()
    assert f"Learning from decisions (M-{model.pk})" in page

    call_command("learn", "--deactivate")
    propose(needs[0])
    assert (said_of(needs[0]), ranks_of(needs[0])) == before
    assert list(OrderModelEvent.objects.values_list("step", "by")) == [("activate", bureau.pk), ("deactivate", None)]


def test_the_page_is_read_by_coordinators_and_changed_by_the_bureau() -> None:
    worse = {"auc": 0.5, "ndcg": 0.5, "needs": 3, "pairs": 9}
    weights = learn.Model(("near",), (0.5,), (0.1,), (-0.7,), 0.0).to_json()
    trial = {"earlier": 160, "later": 40, "without": worse, "with": worse}
    model = OrderModel.objects.create(weights=weights, trial=trial, decisions=200, better=False)
    url = reverse("matching:learning")
    page = sign_in(CoordinatorFactory()).get(url).content.decode()
    assert "not better" in page
    assert "Short way to the site" in page
    assert "Learn anew" not in page
    bureau = sign_in(BureauFactory())
    refused = bureau.post(reverse("matching:learning-use", args=[model.pk, "activate"]))
    assert refused.status_code == 409
    assert "did no better than none" in refused.content.decode()
    few = bureau.post(reverse("matching:learning-train"))
    assert (few.status_code, learning.active()) == (409, None)
    with pytest.raises(CommandError, match="no better"):
        call_command("learn", "--activate")
