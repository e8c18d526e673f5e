"""Two prefectures, one person of each kind, and a word of its own in every field that not everybody may read."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from matching.inquiries import Reply, answer
from matching.models import DISCLOSABLE, Group, GroupEvent, GroupMember, MatchRun
from matching.release import make_list, release, withdraw
from matching.review import take
from matching.todo import take as change_task
from registry.drawings import check
from registry.history import record
from registry.models import DuplicatePair, ErasureRequest, Firm, Need, NeedDrawing, Office, Role, User
from registry.needs import take as take_need
from registry.people import invite
from registry.register import decide_claim
from tests import factories as make
from tests.registry.importing import read

OFFICE = frozenset({"akita", "bureau"})
ANCHORED = OFFICE | {"anchor"}
PEOPLE = ("anonymous", "own_firm", "other_firm", "akita", "aomori", "bureau", "anchor", "other_anchor", "admin")

READERS: dict[str, frozenset[str]] = {
    "canary-nda-title": ANCHORED,
    "canary-nda-text": ANCHORED,
    "canary-nda-criterion": ANCHORED,
    "canary-draft-need": ANCHORED | {"admin"},
    "canary-office-need": ANCHORED | {"aomori", "admin"},
    "canary-event-reason": ANCHORED,
    "canary-drawing-title": ANCHORED,
    "canary-export-checker": OFFICE,
    "canary-contact-name": OFFICE | {"own_firm"},
    "canary-contact-mail": OFFICE | {"own_firm"},
    "canary-contact-phone": OFFICE | {"own_firm"},
    "canary-draft-firm": OFFICE | {"admin"},
    "canary-note-akita": OFFICE,
    "canary-note-secret": OFFICE,
    "canary-note-aomori": frozenset({"aomori", "bureau"}),
    "canary-inquiry-message": OFFICE | {"own_firm"},
    "canary-inquiry-recipient": OFFICE | {"own_firm"},
    "canary-inquiry-answer": OFFICE | {"own_firm"},
    "canary-inquiry-person": OFFICE,
    "canary-task-own": OFFICE,
    "canary-task-step": OFFICE,
    "canary-task-firm": OFFICE | {"own_firm"},
    "canary-claim-message": OFFICE,
    "canary-claim-reason": OFFICE | {"other_firm"},
    "canary-list-made": OFFICE,
    "canary-list-withdrawn": OFFICE,
    "canary-list-released": ANCHORED,
    "canary-firm-event": OFFICE,
    "canary-import-line": OFFICE,
    "canary-invited": OFFICE | {"own_firm"},
    "canary-group-member": frozenset({"aomori", "bureau", "admin"}),
    "canary-group-message": OFFICE | {"aomori", "own_firm"},
    "canary-second-factor": frozenset(),
}
"""Each word and the people who may meet it."""


def world() -> dict[str, Any]:
    """People by name, and under `ids` the keys of every kind of row."""
    akita, aomori = make.OfficeFactory("05"), make.OfficeFactory("02")
    project = make.ProjectFactory(municipality=make.MunicipalityFactory("05202"))
    firms = _firms()
    people: dict[str, User] = {
        "own_firm": make.FirmUserFactory(firms["akita"]),
        "other_firm": make.FirmUserFactory(firms["aomori"]),
        "akita": make.UserFactory(Role.COORDINATOR),
        "aomori": make.UserFactory(Role.COORDINATOR),
        "bureau": make.BureauFactory(),
        "anchor": make.AnchorFactory(project),
        "other_anchor": make.AnchorFactory(make.ProjectFactory(municipality=make.MunicipalityFactory("02201"))),
        "admin": make.UserFactory(Role.ADMIN),
    }
    akita.members.add(people["akita"])
    aomori.members.add(people["aomori"])
    Authenticator.objects.create(user=people["bureau"], type="totp", data={"secret": "canary-second-factor"})
    needs = _needs(project, akita, people)
    invite(firms["akita"], "canary-invited@example.jp", "member", by=people["own_firm"])
    DuplicatePair.objects.create(first=firms["akita"], second=firms["unclaimed"], score=60)
    today = timezone.localdate()
    ErasureRequest.objects.create(firm=firms["akita"], made_by=people["own_firm"], due_on=today)
    changes: Any = [("address", "canary-firm-event", "")]
    record(firms["akita"], "change", people["own_firm"], changes=changes)
    _proposals(needs, firms, people)
    for state, steps in {"made": (), "released": (release,), "withdrawn": (release, withdraw)}.items():
        made = make_list(needs["public"], by=people["akita"], recipient=f"canary-list-{state}")
        for step in steps:
            step(made, people["akita"])
    _group(needs["public"], firms["akita"], people["akita"])
    read(people["akita"], "名称,都道府県\ncanary-import-line,秋田県")
    MatchRun.objects.create(reason="test", state=MatchRun.State.FINISHED, finished_at=timezone.now())
    return people


def _firms() -> dict[str, Firm]:
    contact = {
        "contact_name": "canary-contact-name",
        "contact_email": "canary-contact-mail@example.jp",
        "contact_phone": "canary-contact-phone",
    }
    aomori = make.MunicipalityFactory("02201")
    return {
        "akita": make.FirmFactory(**contact),
        "aomori": make.FirmFactory(municipality=aomori),
        "unclaimed": make.FirmFactory(),
        "draft": make.FirmFactory(state=Firm.State.DRAFT, name="canary-draft-firm"),
    }


def _needs(project: Any, office: Office, people: dict[str, User]) -> dict[str, Need]:
    common: dict[str, Any] = {"project": project, "office": office}
    needs = {
        "public": make.NeedFactory(**common),
        "office": make.NeedFactory(**common, visibility="coordinators", title="canary-office-need"),
        "nda": make.NeedFactory(**common, visibility="nda", title="canary-nda-title", text="canary-nda-text"),
        "draft": make.NeedFactory(**common, state="review", text="canary-draft-need"),
    }
    make.CriterionFactory(needs["nda"], kind="certification", stated="canary-nda-criterion")
    NeedDrawing.objects.create(need=needs["nda"], title="canary-drawing-title", uploaded_by=people["akita"])
    checked: dict[str, Any] = {
        "reader": "holm@example.dk",
        "checked_on": timezone.localdate(),
        "checker": "canary-export-checker",
    }
    check(needs["nda"], by=people["akita"], permitted=True, **checked)
    take_need("return", needs["draft"], by=people["akita"], reason="canary-event-reason")
    return needs


def _proposals(needs: dict[str, Need], firms: dict[str, Firm], people: dict[str, User]) -> None:
    for need, firm, by, note in (
        ("public", "akita", "akita", "canary-note-akita"),
        ("nda", "akita", "akita", "canary-note-secret"),
        ("public", "aomori", "aomori", "canary-note-aomori"),
    ):
        proposal = make.ProposalFactory(need=needs[need], firm=firms[firm])
        take("shortlist", proposal, by=people[by], reason="fit", note=note)
        make.ConsentFactory(proposal, fields=[field for field in DISCLOSABLE if field != "contact"])
        if need == "nda":
            words = {"message": "canary-inquiry-message", "recipient": "canary-inquiry-recipient"}
            inquiry = make.InquiryFactory(need=needs[need], firm=firms[firm], asked_by=people[by], **words)
            said = Reply("accept", note="canary-inquiry-answer", channel="phone", said_by="canary-inquiry-person")
            answer(inquiry, said, by=people[by])
            told = make.TaskFactory(inquiry=inquiry, firm=inquiry.firm, need=inquiry.need, side="firm",
                                    title="canary-task-firm", made_by=people[by])  # fmt: skip
            change_task("change", told, by=people[by], note="canary-task-step", assignee=people[by])
            make.TaskFactory(proposal=proposal, title="canary-task-own", note="canary-task-own", made_by=people[by])
    make.ClaimFactory(firm=firms["unclaimed"], message="canary-claim-message")
    refused = make.ClaimFactory(user=people["other_firm"], firm=firms["unclaimed"])
    decide_claim("refuse", refused, by=people["akita"], reason="canary-claim-reason")


def _group(need: Need, firm: Firm, by: User) -> None:
    """The firm is asked, with one of the other prefecture that has consented to nothing."""
    other = make.FirmFactory(municipality=make.MunicipalityFactory("02201"), name="canary-group-member")
    words = "canary-group-message"
    group = Group.objects.create(need=need, number=1, made_by=by, state="proposed", message=words)
    for position, member in enumerate((firm, other), start=1):
        GroupMember.objects.create(
            group=group, firm=member, position=position, is_lead=position == 1, state="accepted", verdict="pass"
        )
        GroupEvent.objects.create(group=group, act=GroupEvent.Act.ADD, firm=member, by=by)


def browser_of(people: dict[str, Any], person: str) -> Client:
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    if person != "anonymous":
        client.force_login(people[person])
    return client
