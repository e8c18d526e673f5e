"""Story 3: two proposals go to Aomori, its queue grows by two, its clock starts again; the sender sees them there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from matching.models import Decision, Proposal
from matching.review import take, take_many
from registry.models import Need, Notice, Office, User
from registry.steps import StepRefused
from registry.text import add_working_days
from tests.factories import (
    BureauFactory,
    CoordinatorFactory,
    FirmFactory,
    MunicipalityFactory,
    NeedFactory,
    OfficeFactory,
    ProjectFactory,
    ProposalFactory,
    UserFactory,
    sign_in,
)
from tests.races.test_decide import together

pytestmark = [pytest.mark.django_db, pytest.mark.on_sqlite]


def office_of(user: User) -> Office:
    found: Office = user.offices.get()
    return found


def waiting(user: User, query: str = "") -> set[int]:
    answer = sign_in(User.objects.get(pk=user.pk)).get(f"/proposals/{query}")
    assert answer.status_code == 200
    return {row.pk for row in answer.context["page_obj"]}


def send(rows: list[Proposal], by: User, office: Office) -> Any:
    browser: Client = sign_in(by)
    ids = [f"{row.pk}:{row.state}" for row in rows]
    data = {"ids": ids, "step": "hand_over", "hand_over-office": office.pk, "hand_over-note": "弘前が近い"}
    return browser.post("/proposals/bulk/", data, follow=True)


def test_two_go_to_aomori_and_the_clock_starts_again(akita: User, aomori: User) -> None:
    late = timezone.localdate() - timedelta(days=3)
    rows = [ProposalFactory(due_on=late, assignee=akita) for _ in range(3)]
    assert waiting(aomori) == set()
    page = send(rows[:2], akita, office_of(aomori)).content.decode()
    sent = {row.pk for row in rows[:2]}
    assert waiting(aomori) == waiting(aomori, "?lies=received") == sent
    assert waiting(akita) == {rows[2].pk}
    assert waiting(akita, "?lies=away") == sent
    assert f"/proposals/{rows[2].pk}/" in page
    for row in Proposal.objects.filter(pk__in=sent):
        assert row.due_on == add_working_days(timezone.localdate(), 5)
        assert row.assignee is None
    assert Decision.objects.filter(step="hand_over", office=office_of(aomori)).count() == 2
    assert Notice.objects.filter(person=aomori, kind="proposal.hand_over").count() == 2
    assert office_of(aomori).label in sign_in(akita).get("/proposals/?lies=away").content.decode()

    mine, theirs = Proposal.objects.get(pk=rows[0].pk), sign_in(aomori)
    reading = sign_in(akita).get(mine.get_absolute_url())
    assert reading.status_code == 200
    assert "data-step" not in reading.content.decode()
    with pytest.raises(StepRefused, match="lies with"):
        take("reject", mine, by=akita, reason="distance")
    page = theirs.get(mine.get_absolute_url()).content.decode()
    assert mine.firm.name in page
    assert f'href="{mine.firm.get_absolute_url()}"' not in page  # the proposal is shared, not the firm's page
    assert theirs.get(mine.firm.get_absolute_url()).status_code == 404
    assert len(theirs.get("/api/proposals/").json()["results"]) == 2
    with pytest.raises(StepRefused, match="handed over already"):
        take("hand_over", Proposal.objects.get(pk=mine.pk), by=aomori, office=office_of(akita))
    take("shortlist", Proposal.objects.get(pk=mine.pk), by=aomori, reason="fit")

    back = Proposal.objects.get(pk=rows[1].pk)
    url = f"{back.get_absolute_url()}hand_back/"
    assert theirs.post(url, {"seen": "proposed", "note": ""}).status_code == 422
    answer = theirs.post(url, {"seen": "proposed", "note": "青森の企業ではない"})
    assert answer.status_code == 302
    assert theirs.get(back.get_absolute_url()).status_code == 404
    assert waiting(akita) == {rows[1].pk, rows[2].pk}
    assert Notice.objects.filter(person=akita, kind="proposal.hand_back").count() == 1


def test_what_is_under_nda_or_meant_for_nobody_stays(akita: User, aomori: User) -> None:
    need = NeedFactory(office=office_of(akita), visibility=Need.Visibility.NDA)
    secret, plain = ProposalFactory(need=need), ProposalFactory()
    with override("en"), pytest.raises(StepRefused, match="NDA"):
        take("hand_over", secret, by=akita, office=office_of(aomori))
    for office in (None, office_of(akita), OfficeFactory("03")):  # nobody works in the last one
        with override("en"), pytest.raises(StepRefused, match="Choose the office"):
            take("hand_over", plain, by=akita, office=office)
    with override("en"), pytest.raises(StepRefused, match="not handed over"):
        take("hand_back", plain, by=akita, note="x")
    take("hand_over", plain, by=akita, office=office_of(aomori))
    Need.objects.filter(pk=plain.need_id).update(visibility=Need.Visibility.NDA)  # decided later
    assert waiting(aomori) == set()
    assert sign_in(aomori).get(plain.get_absolute_url()).status_code == 404
    assert not Proposal.objects.visible_to(UserFactory()).exists()
    assert Proposal.objects.visible_to(BureauFactory()).count() == 2


def test_a_third_office_learns_nothing(akita: User, aomori: User) -> None:
    place = MunicipalityFactory("05202")
    row = ProposalFactory(need=NeedFactory(project=ProjectFactory(municipality=place)), firm=FirmFactory())
    take("hand_over", row, by=akita, office=office_of(aomori))
    iwate = CoordinatorFactory("03")
    assert waiting(iwate, "?lies=away") == waiting(iwate, "?state=all") == set()
    assert sign_in(iwate).get(row.get_absolute_url()).status_code == 404
    assert not Notice.objects.filter(person=iwate).exists()


@pytest.mark.django_db(transaction=True)
def test_of_a_hand_over_and_a_decision_at_once_one_wins(akita: User, aomori: User) -> None:
    rows = [ProposalFactory() for _ in range(15)]
    kudo, office = User.objects.get(pk=akita.pk), office_of(aomori)
    _ = akita.scope, akita.firm_ids, kudo.scope, kudo.firm_ids

    def fresh(n: int) -> Proposal:
        row: Proposal = Proposal.objects.select_related("need", "firm").get(pk=rows[n].pk)
        return row

    seen = [[fresh(n) for n in range(15)] for _ in range(2)]
    together(
        lambda n: take("hand_over", seen[0][n], by=akita, office=office),
        lambda n: take("reject", seen[1][n], by=kudo, reason="distance"),
        rounds=15,
    )
    for row in Proposal.objects.filter(pk__in=[row.pk for row in rows]):
        assert (row.office_id is None) == (row.state == Proposal.State.REJECTED)
        assert row.decisions.count() == 1
    assert len(take_many("hand_over", [fresh(0)], by=akita, office=office).taken) <= 1


def test_what_is_added_up_is_what_is_seen(akita: User, aomori: User) -> None:
    """`read_whole_by` says `visible_to` in another way, for every kind of need, firm and hand-over."""
    places = [MunicipalityFactory(code) for code in ("05202", "02201")]
    for visibility, state in (("public", "open"), ("coordinators", "draft"), ("nda", "open")):
        for office in (None, office_of(akita), office_of(aomori)):
            for place in places:
                need = NeedFactory(project=ProjectFactory(municipality=place), visibility=visibility, state=state)
                for firm in places:
                    ProposalFactory(need=need, firm=FirmFactory(municipality=firm), office=office)
    gone = CoordinatorFactory("05", is_active=False)
    sizes = []
    for user in (akita, aomori, CoordinatorFactory("07"), BureauFactory(), gone, UserFactory()):
        seen = set(Proposal.objects.visible_to(user))
        assert set(Proposal.objects.read_whole_by(user)) == seen
        sizes.append(len(seen))
    assert sizes == [12, 12, 0, 36, 0, 0]
