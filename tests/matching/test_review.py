from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import override

from matching.handover import HANDING
from matching.models import PROPOSAL_STEPS, Decision, Proposal
from matching.review import add_by_hand, take, take_many
from registry.append_only import AppendOnlyError
from registry.models import Firm, FirmMembership, Need, Role
from registry.steps import StepRefused
from tests.factories import (
    BureauFactory,
    CoordinatorFactory,
    CriterionFactory,
    FirmFactory,
    MunicipalityFactory,
    NeedFactory,
    ProposalFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
STATES = list(Proposal.State)
REASON = {"shortlist": "fit", "reject": "capacity"}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


def words(step: str) -> dict[str, Any]:
    return {"reason": REASON.get(step, ""), "note": "電話した" if step == "note" else ""}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", [step for step in PROPOSAL_STEPS if step not in HANDING])
def test_the_table_of_steps_is_obeyed(step: str, state: str) -> None:
    by = CoordinatorFactory()
    proposal = ProposalFactory(state=state)
    assignee = by if step == "assign" else None
    if state in PROPOSAL_STEPS[step].sources:
        decision = take(step, proposal, by=by, assignee=assignee, **words(step))
        assert proposal.state == (PROPOSAL_STEPS[step].target or state)
        assert (decision.source, decision.target) == (state, proposal.state)
    else:
        with pytest.raises(StepRefused):
            take(step, proposal, by=by, assignee=assignee, **words(step))
        assert Decision.objects.count() == 0
    proposal.refresh_from_db()
    assert Decision.objects.count() == (state in PROPOSAL_STEPS[step].sources)


def test_the_second_is_told_who_decided_what_when_and_why() -> None:
    mine = ProposalFactory()
    first = CoordinatorFactory(name="工藤 健")
    take("reject", Proposal.objects.get(pk=mine.pk), by=first, reason="distance")
    with pytest.raises(StepRefused, match=r"工藤 健.*Reject.*too far away.*20\d\d"):
        take("shortlist", mine, by=CoordinatorFactory(), reason="fit")
    assert mine.decisions.count() == 1
    assert mine.state == Proposal.State.REJECTED


def test_a_step_starts_from_the_state_that_was_seen() -> None:
    """Reject is possible from shortlisted too, but not for somebody who still looks at the earlier state."""
    seen = ProposalFactory()
    take("shortlist", Proposal.objects.get(pk=seen.pk), by=CoordinatorFactory(), reason="fit")
    with pytest.raises(StepRefused):
        take("reject", seen, by=CoordinatorFactory(), reason="capacity")
    seen.refresh_from_db()
    assert seen.state == Proposal.State.SHORTLISTED


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ("reject", {}),
        ("reject", {"reason": "fit"}),
        ("reject", {"reason": "no such"}),
        ("reject", {"reason": "other"}),
        ("reject", {"reason": "other", "note": "  "}),
        ("shortlist", {"reason": "distance"}),
        ("hold", {"reason": "fit"}),
        ("note", {"note": " \n"}),
        ("note", {"note": "あ" * 1001}),
    ],
)
def test_a_step_without_a_proper_reason_is_refused(step: str, fields: dict[str, Any]) -> None:
    proposal = ProposalFactory()
    with pytest.raises(StepRefused):
        take(step, proposal, by=CoordinatorFactory(), **fields)
    assert Decision.objects.count() == 0


def test_other_with_a_note_is_a_reason() -> None:
    decision = take("reject", ProposalFactory(), by=CoordinatorFactory(), reason="other", note=" 廃業 ")
    assert decision.note == "廃業"


def test_nobody_decides_on_the_own_firm() -> None:
    by, proposal = CoordinatorFactory(), ProposalFactory()
    FirmMembership.objects.create(user=by, firm=proposal.firm)
    with pytest.raises(StepRefused, match="yourself"):
        take("shortlist", proposal, by=by, reason="fit")


@pytest.mark.parametrize("role", [Role.FIRM, Role.ANCHOR, Role.ADMIN])
def test_other_roles_decide_nothing(role: Role) -> None:
    with pytest.raises(StepRefused):
        take("hold", ProposalFactory(), by=UserFactory(role))


def test_what_is_invisible_cannot_be_decided() -> None:
    proposal = ProposalFactory()
    elsewhere = CoordinatorFactory("02")
    with pytest.raises(StepRefused):
        take("hold", proposal, by=elsewhere)
    result = take_many("hold", [proposal], by=elsewhere)
    assert (result.taken, result.refused) == ([], [])


def test_a_second_click_is_no_second_act() -> None:
    by, proposal = CoordinatorFactory(), ProposalFactory()
    take("note", proposal, by=by, note="電話した")
    with pytest.raises(StepRefused):
        take("note", Proposal.objects.get(pk=proposal.pk), by=by, note="電話した")
    take("assign", proposal, by=by, assignee=by)
    with pytest.raises(StepRefused):
        take("assign", proposal, by=by, assignee=by)
    take("assign", proposal, by=by, assignee=None)
    assert proposal.decisions.count() == 3
    proposal.refresh_from_db()
    assert proposal.assignee is None


def test_only_who_sees_the_proposal_is_assigned() -> None:
    proposal = ProposalFactory()
    with pytest.raises(StepRefused):
        take("assign", proposal, by=BureauFactory(), assignee=CoordinatorFactory("02"))
    colleague = CoordinatorFactory("05")
    assert take("assign", proposal, by=BureauFactory(), assignee=colleague).assignee == colleague


def test_many_at_once_share_one_request_and_say_what_was_refused() -> None:
    by = CoordinatorFactory()
    good = [ProposalFactory() for _ in range(3)]
    decided = ProposalFactory(state=Proposal.State.REJECTED)
    result = take_many("reject", [*good, decided], by=by, reason="distance")
    assert [decision.proposal for decision in result.taken] == good
    assert [proposal for proposal, _why in result.refused] == [decided]
    assert len({decision.request for decision in result.taken}) == 1
    assert Decision.objects.count() == 3


def test_a_decision_is_never_changed() -> None:
    decision = take("hold", ProposalFactory(), by=CoordinatorFactory())
    decision.note = "別の話"
    with pytest.raises(AppendOnlyError):
        decision.save()
    with pytest.raises(AppendOnlyError):
        decision.delete()
    with pytest.raises(AppendOnlyError):
        Decision.objects.all().delete()
    with pytest.raises(AppendOnlyError):
        Decision.objects.update(note="x")
    with pytest.raises(AppendOnlyError):
        Decision.objects.bulk_update([decision], ["note"])


def test_the_database_refuses_to_change_a_decision() -> None:
    take("hold", ProposalFactory(), by=CoordinatorFactory())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE matching_decision SET note = 'x'")
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM matching_decision")


def test_a_firm_added_by_hand_stands_in_the_queue_with_its_checks() -> None:
    by, need, firm = CoordinatorFactory(), NeedFactory(), FirmFactory(employees=5)
    CriterionFactory(need, number=10)
    proposal = add_by_hand(need, firm, by, "前回の納入実績がある")
    assert (proposal.origin, proposal.state, proposal.verdict) == ("person", "proposed", "fail")
    assert proposal.checks[0]["found"] == 5
    assert [(d.step, d.note, d.by) for d in proposal.decisions.all()] == [("add", "前回の納入実績がある", by)]
    assert proposal.due_on > timezone.localdate() + timedelta(days=4)
    with pytest.raises(StepRefused):
        add_by_hand(need, firm, by, "もう一度")


def test_adding_by_hand_needs_scope_reason_and_open_rows() -> None:
    by, need, firm = CoordinatorFactory(), NeedFactory(), FirmFactory()
    far = FirmFactory(municipality=MunicipalityFactory("02201"))
    own = FirmFactory()
    FirmMembership.objects.create(user=by, firm=own)
    attempts = [
        (need, firm, ""),
        (need, far, "理由"),
        (need, own, "理由"),
        (need, FirmFactory(state=Firm.State.DRAFT), "理由"),
        (NeedFactory(state=Need.State.CLOSED), firm, "理由"),
        (NeedFactory(visibility=Need.Visibility.NDA), firm, "理由"),
    ]
    for attempt in attempts:
        with pytest.raises(StepRefused):
            add_by_hand(attempt[0], attempt[1], by, attempt[2])
    assert Proposal.objects.count() == 0
