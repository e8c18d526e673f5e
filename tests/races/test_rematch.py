"""Coordinators decide while their need is matched again and again."""

from threading import Event, Thread

import pytest
from django.conf import LazySettings
from django.db import connections

from matching import store
from matching.jobs import Overtaken
from matching.models import Decision, Proposal
from matching.propose import propose
from matching.review import take
from registry.models import Need
from registry.steps import StepRefused
from tests.factories import BureauFactory, FirmFactory, NeedFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 200


@pytest.fixture
def need(settings: LazySettings, tmp_path: object) -> Need:
    settings.VAR = tmp_path
    for work in ("切削", "めっき", "鋳造", "組立", "検査", "輸送", "洗浄", "設計"):
        FirmFactory(name=f"能代{work}", capability_text=f"鋼構造物の溶接と{work}。大型架台の製缶。")
    need = NeedFactory(title="風車内部の架台", text="鋼製架台の溶接と塗装をお願いしたい。")
    store.rebuild()
    propose(need)
    return need


def test_a_rematch_changes_no_decision(need: Need) -> None:
    by, enough, failures = BureauFactory(), Event(), list[BaseException]()
    matched = 0

    def rematch() -> None:
        nonlocal matched
        try:
            while not enough.is_set():
                try:
                    propose(need)
                except Overtaken:
                    continue
                matched += 1
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=rematch) for _ in range(2)]
    for thread in threads:
        thread.start()
    keys = list(Proposal.objects.order_by("pk").values_list("pk", flat=True))
    for number in range(ROUNDS):
        proposal = Proposal.objects.get(pk=keys[number % len(keys)])
        step, reason = ("reject", "distance") if proposal.state == "proposed" else ("reopen", "")
        take(step, proposal, by=by, reason=reason)
        with pytest.raises(StepRefused):
            take(step, Proposal.objects.get(pk=proposal.pk), by=by, reason=reason)
    enough.set()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert matched > 0
    assert Decision.objects.count() == ROUNDS
    assert sorted(Proposal.objects.values_list("pk", flat=True)) == keys
    for proposal in Proposal.objects.all():
        last = proposal.decisions.last()
        assert last is not None
        assert proposal.state == last.target
