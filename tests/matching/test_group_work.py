"""A kept group as work: story 4 up to the third consent and a firm that leaves; its pages; who reads what."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from matching import consent, parts
from matching.contents import for_recipient
from matching.inquiries import Reply, answer
from matching.models import DISCLOSABLE, CandidateList, DisclosureConsent, Group, GroupEvent, Proposal
from matching.partners import note_expired
from matching.release import make_list
from registry.models import Firm, Need, Notice, User
from registry.steps import StepRefused
from tests.factories import (
    ConsentFactory,
    FirmUserFactory,
    InquiryFactory,
    ProposalFactory,
    sign_in,
)
from tests.matching.story import (
    FAR,
    KINDS,
    A,
    B,
    C,
    accept,
    accepted,
    file_text,
    join,
    member,
    now,
    text,
    url,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_var"), pytest.mark.on_postgres]


# ---- story 4 --------------------------------------------------------------------------------------------------------
def test_two_prefectures_make_a_group_and_one_firm_leaves_it(group: Group, akita: User, aomori: User) -> None:
    assert (now(group).volume, now(group).is_short) == (13, False)
    accepted(group, akita, aomori)
    assert Group.objects.get().state == Group.State.ACCEPTED
    join(group, A)
    join(group, C)
    sheet = reverse("matching:group-sheet", args=[group.pk])
    with translation.override("ja"):
        browser = Client(headers={"accept-language": "ja"})
        browser.force_login(akita)
        page = text(browser, sheet)
    assert (A in page, B in page, "青森県内企業" in page) == (True, False, True)
    for language, hidden in (("ja", "青森県内企業"), ("en", "afirminAomori"), ("both", "青森県内企業")):
        files = "".join(file_text(browser, f"/groups/{group.pk}/sheet.{kind}?language={language}") for kind in KINDS)
        assert (A in files, B in files, files.count(hidden)) == (True, False, 2), language
    assert files.count("塗装/Coating") == 4  # each step of a member beside its other language, and what is covered
    join(group, B)
    for file in (f"/groups/{group.pk}/sheet.xlsx", f"/api/groups/{group.pk}/files/xlsx/?language=ja"):
        assert B in file_text(browser, file)
    page = text(browser, sheet)
    assert (B in page, "青森県内企業" in page, now(group).is_ready) == (True, False, True)
    given = DisclosureConsent.objects.get(firm__name=C, recipient="partners")
    consent.revoke(given, by=User.objects.get(firm_memberships__firm=given.firm))
    found = now(group)
    assert (found.volume, found.shortfall, found.uncovered, found.is_short) == (11, 1, ["coating"], True)
    assert not found.is_ready
    api = browser.get(reverse("group-detail", args=[group.pk])).json()
    assert (api["volume"], api["shortfall"], [one["out"] for one in api["members"]]) == (11, 1, ["", "", "ended"])
    assert GroupEvent.objects.get(act="left").firm == given.firm
    told = set(Notice.objects.filter(kind="group.left").values_list("person", flat=True))
    assert told == {akita.pk, aomori.pk}
    panel = reverse("matching:need-panel", args=[group.need_id, "groups"])
    for address in (group.get_absolute_url(), sheet, reverse("matching:groups", args=[group.need_id]), panel):
        page = text(browser, address)
        assert ("11個" in page or "月11" in page, "不足" in page) == (True, True), address


def test_every_way_of_leaving_lowers_the_volume_at_once(group: Group, akita: User, aomori: User) -> None:
    accepted(group, akita, aomori)
    join(group, B)
    one = member(group, B)
    asked = InquiryFactory(need=group.need, firm=one.firm, asked_by=akita)
    answer(asked, Reply("decline", reason="capacity"), by=User.objects.get(firm_memberships__firm=one.firm))
    assert (now(group).volume, now(group).places[1].out) == (10, "declined")
    Firm.objects.filter(name=C).update(state=Firm.State.ARCHIVED)
    assert (now(group).volume, now(group).uncovered) == (8, ["coating"])
    parts.decide("refuse", member(group, A), seen=now(group).group.version, by=akita, reason="満杯")
    assert (now(group).volume, Group.objects.get().state) == (0, Group.State.PROPOSED)


def test_a_consent_that_runs_out_is_noticed_once(group: Group, akita: User, aomori: User) -> None:
    accepted(group, akita, aomori)
    one = member(group, C)
    yesterday = timezone.localdate() - timedelta(days=1)
    DisclosureConsent.objects.create(
        firm=one.firm, need=group.need, recipient="partners", group=group, fields=["identity"], until=yesterday,
        by=FirmUserFactory(one.firm), told="x",
    )  # fmt: skip
    assert (now(group).volume, note_expired(), note_expired()) == (11, 1, 0)
    assert Notice.objects.filter(kind="group.left").count() == 2


# ---- consents -------------------------------------------------------------------------------------------------------
def test_a_member_reads_its_own_share_only_until_all_consent(group: Group, akita: User, aomori: User) -> None:
    accepted(group, akita, aomori)
    firm = join(group, A)
    page = text(sign_in(firm), member(group, A).get_absolute_url())
    assert ("8 a month" in page, "3 a month" in page, B in page, C in page) == (True, False, False, False)
    assert "a firm in Aomori" in page
    for name in (B, C):
        join(group, name)
    page = text(sign_in(firm), member(group, A).get_absolute_url())
    assert ("3 a month" in page, B in page, C in page) == (True, True, True)


def test_a_firm_that_joins_later_is_not_told_of_by_earlier_consents(
    group: Group, akita: User, aomori: User, story_firms: dict[str, Firm]
) -> None:
    accepted(group, akita, aomori)
    people = [join(group, name) for name in (A, B, C)]
    parts.add(group, str(story_firms[FAR].pk), seen=now(group).group.version, by=akita)
    found = now(group)
    assert (found.volume, found.all_consent, group.state) == (19, False, Group.State.PROPOSED)
    Notice.objects.all().delete()
    accept(group, FAR, akita)
    asked = set(Notice.objects.filter(kind="group.asked").values_list("person", flat=True))
    assert {person.pk for person in people} <= asked
    join(group, FAR)
    assert A not in text(sign_in(User.objects.get(firm_memberships__firm=story_firms[FAR])), _part(group, FAR))


def _part(group: Group, name: str) -> str:
    return str(member(group, name).get_absolute_url())


def test_only_what_was_ticked_is_passed_on_and_an_office_may_record_a_call(
    group: Group, akita: User, aomori: User
) -> None:
    accepted(group, akita, aomori)
    one = member(group, A)
    form = {"seen": one.group.version, "fields_": ["identity", "capacity"], "until": "2027-03-31"}
    post = reverse("matching:part-answer", args=[one.pk, "join"])
    assert sign_in(akita).post(post, form).status_code == 422
    assert sign_in(akita).post(post, form | {"channel": "phone", "said_by": "佐藤"}).status_code == 302
    given = DisclosureConsent.objects.get(recipient="project")
    assert (given.fields, given.channel, given.group) == (["identity", "capacity"], "phone", group)
    assert sign_in(aomori).post(post, form | {"channel": "phone", "said_by": "佐藤"}).status_code == 404
    without = {"seen": one.group.version, "fields_": ["capacity"], "until": "2027-03-31"}
    assert sign_in(FirmUserFactory(one.firm)).post(post, without).status_code == 422


def test_a_firm_that_does_not_take_part_can_change_its_mind(group: Group, akita: User, aomori: User) -> None:
    accepted(group, akita, aomori)
    firm = join(group, C)
    browser, seen = sign_in(firm), now(group).group.version
    post = reverse("matching:part-answer", args=[member(group, C).pk, "decline"])
    assert browser.post(post, {"seen": seen, "reason": "人手不足"}).status_code == 302
    assert (now(group).volume, DisclosureConsent.objects.filter(end=None).count()) == (11, 0)
    page = text(sign_in(akita), group.get_absolute_url())
    assert ("人手不足" in page, "does not take part" in page) == (True, True)
    parts.answer("join", member(group, C), seen=seen, by=firm, fields=["identity"], until=consent.a_year_from_now())
    assert now(group).volume == 13


def test_a_firm_meets_its_part_only_once_its_office_has_accepted_it(group: Group, akita: User, aomori: User) -> None:
    firm = FirmUserFactory(member(group, B).firm)
    parts.take("propose", group, by=akita)
    assert sign_in(firm).get(_part(group, B)).status_code == 404
    accept(group, B, aomori)
    assert "Groups that you are asked to take part in" in text(sign_in(firm), reverse("matching:concerns"))
    assert sign_in(firm).get(_part(group, B)).status_code == 200
    assert sign_in(firm).get(_part(group, A)).status_code == 404


def test_a_hidden_need_is_told_to_firms_in_the_offices_words(group: Group, akita: User) -> None:
    Need.objects.filter(pk=group.need_id).update(visibility="nda", office=akita.offices.get())
    group.refresh_from_db()
    with pytest.raises(StepRefused, match="提供先"):
        parts.take("propose", group, by=akita)
    parts.take("propose", group, by=akita, message="架台です。", recipient="海外の風車メーカー")
    accept(group, A, akita)
    page = text(sign_in(FirmUserFactory(member(group, A).firm)), _part(group, A))
    need = group.need
    assert ("架台です。" in page, "海外の風車メーカー" in page) == (True, True)
    assert (need.title in page, need.project.organisation in page) == (False, False)


# ---- candidate lists ------------------------------------------------------------------------------------------------
def test_a_group_goes_into_a_list_as_one_and_stays_as_it_was(group: Group, akita: User, aomori: User) -> None:
    alone = ProposalFactory(need=group.need, state=Proposal.State.SHORTLISTED)
    ConsentFactory(alone)
    accepted(group, akita, aomori)
    join(group, A)
    join(group, C)
    page, browser = reverse("matching:list-new", args=[group.need_id]), sign_in(akita)
    form = {"recipient": "T1", "latest": 0, "groups": group.pk}
    assert str(group) not in text(browser, page)
    with pytest.raises(StepRefused, match="not complete any more"):
        make_list(group.need, by=akita, recipient="T1", groups=[group.pk])
    join(group, B)
    assert f"{group}: {A}, {B}, {C} (13 a month)" in text(browser, page)
    assert browser.post(page, form).status_code == 302
    rows = [entry.row for entry in CandidateList.objects.get().entries.all()]
    assert [(row["name"], row["group"]) for row in rows] == [
        (alone.firm.name, ""),
        *((name, str(group)) for name in (A, B, C)),
    ]
    assert [row["group_role"] for row in rows[1:]] == ["幹事企業 / lead firm", *["メンバー / member"] * 2]
    assert rows[1]["group_share"] == "製缶溶接：月8個（62 %） / Fabrication welding: 8 a month (62 %)"
    made = CandidateList.objects.get()
    before = for_recipient(made).rows
    parts.share(group, member(group, A).pk, {"welding": 7}, seen=now(group).group.version, by=akita)
    assert for_recipient(made).rows == before
    one = member(group, C)
    given = DisclosureConsent.objects.get(firm=one.firm, recipient="project", end=None)
    consent.revoke(given, by=User.objects.get(firm_memberships__firm=one.firm))
    contents = for_recipient(made)
    assert [row["name"] for row in contents.rows] == [alone.firm.name, A, B]
    assert str(group) in dict(contents.heading).values()
    assert now(group).volume == 10


# ---- the offices ----------------------------------------------------------------------------------------------------
def test_each_office_decides_about_the_firms_of_its_scope_alone(group: Group, akita: User, aomori: User) -> None:
    with pytest.raises(StepRefused, match="提案"):
        accept(group, A, akita)
    parts.take("propose", group, by=akita)
    told = Notice.objects.filter(kind="group.part").values_list("person", flat=True)
    assert sorted(told) == sorted([akita.pk, akita.pk, aomori.pk])
    with pytest.raises(StepRefused, match="県を担当"):
        accept(group, B, akita)
    post = reverse("matching:part-step", args=[member(group, B).pk, "refuse"])
    assert sign_in(aomori).post(post, {"seen": group.version}).status_code == 422
    assert sign_in(aomori).post(post, {"seen": group.version, "reason": "今期は満杯"}).status_code == 302
    assert (member(group, B).state, now(group).volume) == ("refused", 10)
    assert "今期は満杯" in text(sign_in(akita), group.get_absolute_url())
    assert (
        sign_in(aomori).post(url(group, "remove"), {"seen": group.version, "member": member(group, B).pk}).status_code
        == 409
    )


def test_a_part_that_changes_is_open_again_and_the_others_stay_accepted(
    group: Group, akita: User, aomori: User
) -> None:
    accepted(group, akita, aomori)
    seen = now(group).group.version
    parts.share(group, member(group, B).pk, {"welding": 2}, seen=seen, by=akita)
    states = {one.firm.name: one.state for one in group.members.select_related("firm")}
    assert (states, now(group).group.state) == ({A: "accepted", B: "waiting", C: "accepted"}, Group.State.PROPOSED)
    with pytest.raises(StepRefused, match="ほかの人"):
        parts.decide("accept", member(group, B), seen=seen, by=aomori)
    accept(group, B, aomori)
    assert now(group).group.state == Group.State.ACCEPTED


def test_an_office_reads_a_name_of_another_scope_once_the_firm_consents(
    group: Group, akita: User, aomori: User
) -> None:
    accepted(group, akita, aomori)
    for address in (group.get_absolute_url(), reverse("matching:groups", args=[group.need_id])):
        assert B not in text(sign_in(akita), address)
    join(group, B)
    for address in (group.get_absolute_url(), reverse("matching:groups", args=[group.need_id])):
        assert B in text(sign_in(akita), address)
    assert A not in text(sign_in(aomori), group.get_absolute_url())


def test_fields_of_consent_are_those_that_can_be_disclosed(group: Group, akita: User, aomori: User) -> None:
    accepted(group, akita, aomori)
    with pytest.raises(StepRefused, match="提供"):
        join(group, A, fields=("identity", "colour"))
    join(group, A, fields=list(DISCLOSABLE))
    assert DisclosureConsent.objects.count() == 2
