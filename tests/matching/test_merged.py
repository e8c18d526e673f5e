"""Story 3 to its end: what hangs on two records of one firm when an office makes one of them, and when it undoes it."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from matching import concerns, contacts, release
from matching.consent import consented, revoke
from matching.contents import for_recipient, original
from matching.list_files import write_file
from matching.models import CandidateList, DisclosureConsent, Group, GroupMember, Job, Proposal
from matching.release import make_list
from matching.review import take
from matching.stages import at_stage
from registry.duplicates.merge import Choice, merge, split
from registry.models import DuplicatePair, Firm, Need, User
from registry.steps import StepRefused
from tests import factories as make
from tests.matching.conftest import Sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent"), pytest.mark.on_sqlite]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def kudo() -> User:
    return make.CoordinatorFactory("05", name="工藤 健")


@pytest.fixture
def twins() -> list[Firm]:
    oga, number = make.MunicipalityFactory("05206"), make.corporate_number()
    kept = make.FirmFactory(name="㈱男鹿メッキ", corporate_number=number, municipality=oga)
    other = make.FirmFactory(name="男鹿めっき株式会社", corporate_number=number, municipality=oga, duplicate_of=kept)
    kept.firm_certifications.create(stated="ISO 9001")
    other.firm_certifications.create(stated="ISO 14001")
    return [kept, other]


@pytest.fixture
def pair(twins: list[Firm]) -> DuplicatePair:
    made: DuplicatePair = DuplicatePair.objects.create(first=twins[0], second=twins[1], score=100, reasons=["number"])
    return made


def join(pair: DuplicatePair, by: User) -> None:
    firms = Firm.objects.in_bulk([pair.first_id, pair.second_id])
    merge(pair, Choice(pair.first_id, frozenset(), {pk: firm.updated_at for pk, firm in firms.items()}), by=by)


def listed(firm: Firm, kudo: User) -> CandidateList:
    """A list that was issued with the firm on it."""
    proposal = make.ProposalFactory(firm=firm, need=make.NeedFactory(office=kudo.offices.get()))
    take("shortlist", proposal, by=kudo, reason="fit")
    make.ConsentFactory(proposal)
    made = make_list(proposal.need, by=kudo, recipient="Holm A/S")
    release.release(made, by=kudo)
    return made


def files(made: CandidateList) -> list[bytes]:
    contents = [original(made), for_recipient(made)]
    return [write_file(made, extension, read) for read in contents for extension in ("csv", "xlsx")]


def test_story_3_one_record_survives_and_lists_already_issued_are_unchanged(
    twins: list[Firm], pair: DuplicatePair, kudo: User
) -> None:
    kept, other = twins
    issued = [listed(kept, kudo), listed(other, kudo)]
    before = [files(made) for made in issued]
    join(pair, kudo)
    browser = make.sign_in(kudo)
    assert browser.get(other.get_absolute_url())["Location"] == kept.get_absolute_url()
    assert [one.stated for one in kept.firm_certifications.order_by("stated")] == ["ISO 14001", "ISO 9001"]
    assert [files(CandidateList.objects.get(pk=made.pk)) for made in issued] == before
    assert b"ISO 14001" not in before[0][0]
    assert {event.by for event in [*kept.events.all(), *other.events.all()]} == {kudo}
    assert Proposal.objects.get(need=issued[1].need).firm == kept
    seen = Proposal.objects.filter(at_stage(kudo, "released"), firm=kept)
    assert seen.count() == 2
    queue = browser.get(reverse("matching:queue"), {"state": "all", "listed": "true"})
    assert {row.firm_id for row in queue.context["page_obj"]} == {kept.pk}


def test_what_the_merged_record_consented_to_holds_for_the_firm_until_it_is_revoked(
    twins: list[Firm], pair: DuplicatePair, kudo: User
) -> None:
    kept, other = twins
    made = listed(other, kudo)
    person = make.FirmUserFactory(other)
    make.InquiryFactory(need=made.need, firm=other, state="interested", asked_by=kudo)
    join(pair, kudo)
    person = User.objects.get(pk=person.pk)
    [standing] = concerns.standings(person, list(concerns.inquiries_of(person)))
    assert (standing.inquiry.firm, standing.code) == (kept, "passed_on")
    again = make_list(made.need, by=kudo, recipient="Holm A/S")
    assert [entry.firm for entry in again.entries.all()] == [kept]
    [consent] = DisclosureConsent.objects.visible_to(person)
    revoke(consent, by=person)
    assert not for_recipient(made).rows
    assert not for_recipient(again).rows


def test_what_the_firm_said_itself_counts_and_not_what_the_merged_record_said(
    twins: list[Firm], pair: DuplicatePair, kudo: User
) -> None:
    kept, other = twins
    need = make.NeedFactory()
    for firm, said in ((kept, ["identity"]), (other, ["identity", "contact"])):
        make.ConsentFactory(make.ProposalFactory(firm=firm, need=need), fields=said)
    join(pair, kudo)
    allowed = consented(need, DisclosureConsent.Recipient.PROJECT, timezone.localdate())
    assert allowed == {kept.pk: {"identity"}, other.pk: {"identity", "contact"}}


def both_proposed(twins: list[Firm], need: Need) -> list[Proposal]:
    return [make.ProposalFactory(firm=firm, need=need) for firm in twins]


def test_of_two_proposals_for_one_need_the_survivors_takes_over_what_was_decided(
    twins: list[Firm], pair: DuplicatePair, kudo: User
) -> None:
    mine, theirs = both_proposed(twins, make.NeedFactory())
    take("reject", theirs, by=kudo, reason="distance")
    contacts.log(
        twins[1], kudo, proposal=theirs, day=timezone.localdate(), kind="call", whom="総務", summary="-", minutes=5
    )
    join(pair, kudo)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    [told] = mine.decisions.all()
    assert (mine.state, told.step, told.reason, "男鹿めっき株式会社" in told.note) == (
        "rejected",
        "reject",
        "distance",
        True,
    )
    assert (theirs.firm, theirs.dropped_at is None, theirs.decisions.count()) == (twins[1], False, 1)
    assert len(contacts.logged(kudo, firm=twins[0].pk)) == 1
    assert make.sign_in(kudo).get(theirs.get_absolute_url()).status_code == 200
    pair.refresh_from_db()
    split(pair, by=kudo)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.state, theirs.dropped_at, mine.decisions.count()) == ("proposed", None, 2)


def test_what_was_decided_on_the_survivor_is_not_overruled(twins: list[Firm], pair: DuplicatePair, kudo: User) -> None:
    mine, theirs = both_proposed(twins, make.NeedFactory())
    take("shortlist", mine, by=kudo, reason="fit")
    take("reject", theirs, by=kudo, reason="distance")
    join(pair, kudo)
    mine.refresh_from_db()
    assert (mine.state, mine.decisions.count()) == ("shortlisted", 1)


@pytest.mark.parametrize("work", ["decision", "list"])
def test_a_merge_is_not_undone_once_somebody_worked_with_what_it_moved(
    work: str, twins: list[Firm], pair: DuplicatePair, kudo: User
) -> None:
    made = listed(twins[1], kudo)
    join(pair, kudo)
    if work == "decision":
        take("hold", Proposal.objects.get(need=made.need), by=kudo)
    else:
        make_list(made.need, by=kudo, recipient="Holm A/S")
    pair.refresh_from_db()
    with pytest.raises(StepRefused, match="decided on, asked or listed"):
        split(pair, by=kudo)
    assert Proposal.objects.get(need=made.need).firm == twins[0]


def test_undoing_brings_proposals_and_inquiries_back(
    twins: list[Firm], pair: DuplicatePair, kudo: User, settings: LazySettings
) -> None:
    made = listed(twins[1], kudo)
    asked = make.InquiryFactory(need=made.need, firm=twins[1], asked_by=kudo)
    join(pair, kudo)
    pair.refresh_from_db()
    split(pair, by=kudo)
    asked.refresh_from_db()
    assert asked.firm == Proposal.objects.get(need=made.need).firm == twins[1]
    assert for_recipient(made).rows


def test_both_records_are_matched_anew(twins: list[Firm], pair: DuplicatePair, kudo: User, sent: Sent) -> None:
    join(pair, kudo)
    assert set(Job.objects.values_list("firm", flat=True)) == {firm.pk for firm in twins}


def test_a_member_of_a_group_that_stands_is_the_record_that_stays(
    twins: list[Firm], pair: DuplicatePair, kudo: User
) -> None:
    """Consents in a group name its members; nobody would have consented to the other record."""
    group = Group.objects.create(need=make.NeedFactory(), number=1, made_by=kudo, state="proposed")
    part = GroupMember.objects.create(group=group, firm=twins[1], position=1, verdict="pass")
    with pytest.raises(StepRefused, match="Let that record stay"):
        join(pair, kudo)
    assert DuplicatePair.objects.get().state == "open"
    Group.objects.filter(pk=group.pk).update(state="dissolved")
    pair.refresh_from_db()
    join(pair, kudo)
    part.refresh_from_db()
    assert part.firm == twins[0]
