"""The rows that the role table speaks of: one of every kind and visibility, and one person of each kind."""

from datetime import date
from typing import Any

from django.core import signing
from django.core.files.base import ContentFile
from django.utils import timezone

from matching.contacts import log
from matching.links import make as make_link
from matching.models import CandidateList, Disclosure, Feedback, Group, GroupMember, ListAccess, MatchRun, OrderModel
from matching.release import make_list, release
from matching.review import take
from registry.imports import upload
from registry.models import (
    Consortium,
    DuplicatePair,
    ErasureRequest,
    Event,
    Firm,
    FirmPhoto,
    Nda,
    Need,
    NeedDrawing,
    Office,
    Role,
    User,
    Webhook,
)
from registry.notices import tell
from registry.people import SALT, invite
from registry.tokens import make as make_token
from registry.webhooks import ping
from tests import factories as make

A_CALL: dict[str, Any] = {"day": date(2026, 4, 1), "kind": "call", "whom": "総務", "summary": "聞いた", "minutes": 5}
NO_WEIGHTS = {"names": [], "mean": [], "spread": [], "weights": [], "intercept": 0}
_NOTHING = {"auc": 0.5, "ndcg": 0.5, "needs": 0, "pairs": 0}
NO_TRIAL = {"earlier": 0, "later": 0, "without": _NOTHING, "with": _NOTHING}


def make_world() -> dict[str, Any]:
    """One Akita firm, an open need in Akita and its kin of every visibility, and one person of each kind."""
    akita, aomori = make.OfficeFactory("05"), make.OfficeFactory("02")
    project = make.ProjectFactory(municipality=make.MunicipalityFactory("05202"))
    firm = make.FirmFactory(prefecture=make.PrefectureFactory("05"), state="published")
    unclaimed = make.FirmFactory(prefecture=make.PrefectureFactory("05"), state="published")
    need, coordinators, nda, draft = (
        make.NeedFactory(project=project, office=akita, state=state, visibility=visibility)
        for state, visibility in [("open", "public"), ("open", "coordinators"), ("open", "nda"), ("draft", "public")]
    )
    people = {
        "own_firm": make.FirmUserFactory(firm),
        "other_firm": make.FirmUserFactory(make.FirmFactory(prefecture=make.PrefectureFactory("02"))),
        "akita": make.UserFactory(Role.COORDINATOR),
        "aomori": make.UserFactory(Role.COORDINATOR),
        "bureau": make.BureauFactory(),
        "anchor": make.AnchorFactory(project),
        "other_anchor": make.AnchorFactory(make.ProjectFactory()),
        "admin": make.UserFactory(Role.ADMIN),
    }
    akita.members.add(people["akita"])
    aomori.members.add(people["aomori"])
    claim = make.ClaimFactory(user=people["other_firm"], firm=unclaimed)
    proposal = make.ProposalFactory(need=need, firm=firm)
    chosen = make.ProposalFactory(need=need, firm=unclaimed)
    take("shortlist", chosen, by=people["akita"], reason="fit")
    make.ConsentFactory(chosen)
    lists = [make_list(need, by=people["akita"], recipient="T1") for _ in range(2)]
    release(lists[0], by=people["akita"])
    link, secret = make_link(lists[0], by=people["akita"], email="holm@example.dk", language="en", days=14)
    return people | {
        "firm": firm.pk,
        "unclaimed": unclaimed.pk,
        "claim": claim.pk,
        "project": project.pk,
        "need": need.pk,
        "coordinators": coordinators.pk,
        "nda": nda.pk,
        "draft": draft.pk,
        "proposal": proposal.pk,
        "told": Feedback.objects.create(proposal=proposal, number=1, code="general", by=people["akita"]).pk,
        "secret": make.ProposalFactory(need=nda, firm=firm).pk,
        **_groups(need, nda, firm, people["akita"]),
        "released": lists[0].pk,
        "entry": lists[0].entries.get().pk,
        "disclosure": _read(lists[0], firm).pk,
        "link": link.pk,
        "secret_link": secret,
        "unreleased": lists[1].pk,
        "order_model": OrderModel.objects.create(weights=NO_WEIGHTS, trial=NO_TRIAL, decisions=0, better=True).pk,
        "import": upload("a.csv", "名称,都道府県\na,秋田県".encode(), by=people["akita"], source="x").pk,
        "needs_import": upload("a.csv", b"title,description\na,b", by=people["anchor"], source="x").pk,
        "kind_firms": "firms",
        "kind_needs": "needs",
        **_of_an_event(firm, akita),
        "pair": DuplicatePair.objects.create(first=firm, second=unclaimed, score=60).pk,
        "run": MatchRun.objects.create(reason="test").pk,
        **_of_the_profile(firm, people),
        "task": make.TaskFactory(proposal=proposal, side="firm", made_by=people["akita"]).pk,
        "secret_task": make.TaskFactory(need=nda, made_by=people["akita"]).pk,
        "consent": make.ConsentFactory(proposal).pk,
        "inquiry": make.InquiryFactory(need=need, firm=firm, asked_by=people["akita"]).pk,
        "secret_inquiry": make.InquiryFactory(need=nda, firm=firm, asked_by=people["akita"]).pk,
        "contact": log(firm, people["akita"], **A_CALL).pk,
        "decision": chosen.decisions.get().pk,
        **_of_a_webhook(people["akita"]),
        "own_token": make_token(people["own_firm"], name="x", access="read", resources=[], days=1)[0].pk,
        **_under_nda(need, firm, people["akita"]),
        "notice": tell([people["own_firm"]], "claim.approve", "/", firm="能代")[0].pk,
        **_of_a_consortium(firm),
        "missing": 999_999,
    }


def _of_a_consortium(firm: Firm) -> dict[str, Any]:
    consortium = Consortium.objects.create(code="kaze", name="風作戦")
    return {"consortium": consortium.pk, "membership": consortium.memberships.create(firm=firm).pk}


def _read(made: CandidateList, firm: Firm) -> Disclosure:
    access = ListAccess.objects.create(list=made, act=ListAccess.Act.PAGE, by=made.made_by)
    return Disclosure.objects.create(access=access, firm=firm, fields=["identity"])


def _of_an_event(firm: Firm, office: Office) -> dict[str, Any]:
    event = Event.objects.create(name="商談会", held_on=date(2026, 4, 1), office=office)
    return {"event": event.pk, "attendance": event.attendances.create(firm=firm, name=firm.name).pk}


def _of_a_webhook(owner: User) -> dict[str, Any]:
    hook = Webhook.objects.create(owner=owner, url="https://example.jp/")
    return {"webhook": hook.pk, "delivery": ping(hook).pk}


def _under_nda(need: Need, firm: Firm, by: User) -> dict[str, Any]:
    drawing = NeedDrawing(need=need, title="図面", uploaded_by=by)
    drawing.file.save("scan.pdf", ContentFile(b"%PDF-"))
    Nda.objects.create(need=need, firm=firm, signed_on=timezone.localdate(), recorded_by=by)
    return {"drawing": drawing.pk}


def _groups(need: Need, nda: Need, firm: Firm, by: User) -> dict[str, Any]:
    """The firm is asked in a group that was proposed; in a draft of a secret need it knows of nothing."""
    group = Group.objects.create(need=need, number=1, made_by=by, state=Group.State.PROPOSED)
    secret = Group.objects.create(need=nda, number=1, made_by=by)
    asked, waiting = (
        GroupMember.objects.create(group=of, firm=firm, position=1, is_lead=True, state=state, verdict="pass")
        for of, state in ((group, "accepted"), (secret, "waiting"))
    )
    return {"group": group.pk, "secret_group": secret.pk, "part": asked.pk, "waiting_part": waiting.pk}


def _of_the_profile(firm: Firm, people: dict[str, User]) -> dict[str, Any]:
    held, shown = (
        firm.firm_certifications.create(stated="ISO 9001"),
        FirmPhoto(firm=firm, alt="工場", width=1, height=1),
    )
    held.scan.save("scan.pdf", ContentFile(b"%PDF-"))
    shown.image.save("photo.jpg", ContentFile(b"x"))
    owner = firm.memberships.get()
    waiting = invite(firm, people["other_firm"].email, "member", by=owner.user)
    return {
        "certificate": held.pk,
        "photo": shown.pk,
        "member": owner.pk,
        "invitation": waiting.pk,
        "token": signing.dumps(waiting.pk, salt=SALT),
        "erasure": ErasureRequest.objects.create(firm=firm, made_by=owner.user, due_on=timezone.localdate()).pk,
    }
