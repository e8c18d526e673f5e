"""The demonstration: firms of a sample need shortlisted, asked, answered for and put into a released list.

It takes the same verbs as people do, so that what the sample shows is what the product does.
"""

from collections.abc import Sequence
from pathlib import Path

from matching import consent, inquiries, review
from matching.contents import for_recipient
from matching.list_files import CONTENT_TYPES, file_name, write_file
from matching.models import DISCLOSABLE, CandidateList, Channel, Inquiry, Proposal
from matching.release import make_list, release
from registry.models import Firm, Need, ProjectMembership, User

LEAST, MOST = 3, 5
COORDINATOR, FIRM_PERSON = "coordinator@example.jp", "firm@example.jp"
MESSAGE = (
    "中核プロジェクトから、この案件に対応できる県内企業の推薦を求められています（架空のサンプル）。"
    "対応の可否と、月にどのくらい対応できるかをお知らせください。"
)
SAID_BY = "営業ご担当者（架空）"


def write_sample_list(folder: Path) -> list[Path]:
    """A released list of one sample need as PDF, XLSX and CSV; the demo coordinator makes it the first time."""
    by = User.objects.filter(email=COORDINATOR).first()
    if by is None:
        return []
    made = CandidateList.objects.filter(made_by=by, need__is_sample=True).order_by("pk").first() or _make_list(by)
    if made is None:
        return []
    if made.state == CandidateList.State.MADE:
        release(made, by)
    ask_sample_firm(by)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    contents = for_recipient(made)
    for extension in CONTENT_TYPES:
        path = folder / file_name(made, extension, contents.language)
        part = path.with_suffix(f".{extension}.part")
        part.write_bytes(write_file(made, extension, contents))
        paths.append(part.replace(path))
    return paths


def ask_sample_firm(by: User) -> None:
    """Leave the demo firm an inquiry to answer, about the need that it fits best."""
    firm = Firm.objects.filter(memberships__user__email=FIRM_PERSON, is_sample=True).first()
    if firm is None or Inquiry.objects.filter(firm=firm).exists():
        return
    proposals = Proposal.objects.visible_to(by).filter(firm=firm, state=Proposal.State.PROPOSED, dropped_at=None)
    best = proposals.filter(need__in=Need.objects.open()).order_by("-score", "pk").first()
    if best is not None:
        review.take("shortlist", best, by=by, reason="fit_in_part")
        inquiries.ask([best], by=by, message=MESSAGE)


def _make_list(by: User) -> CandidateList | None:
    """Shortlist the best of a sample need, preferably of a project with a reader; three at least, five at most."""
    needs = Need.objects.visible_to(by).open().filter(is_sample=True).select_related("project")
    read = set(ProjectMembership.objects.values_list("project", flat=True))
    for need in sorted(needs, key=lambda need: (need.project_id not in read, need.pk)):
        best = (
            Proposal.objects.visible_to(by)
            .filter(need=need, state=Proposal.State.PROPOSED, dropped_at=None)
            .exclude(verdict=Proposal.Verdict.FAIL)
            .exclude(firm__in=by.firm_ids)
            .exclude(firm__memberships__user__email=FIRM_PERSON)
            .select_related("need__project", "firm")
            .order_by("rank", "pk")[:MOST]
        )
        if len(best) >= LEAST:
            _ask_and_record(list(best), by)
            return make_list(need, by=by, recipient=str(need.project.organisation))
    return None


def _ask_and_record(proposals: Sequence[Proposal], by: User) -> None:
    """Some consent, each to a little less; the third says yes without consent, the fifth no."""
    review.take_many("shortlist", proposals, by=by, reason="fit")
    asked = inquiries.ask(proposals, by=by, message=MESSAGE).sent
    until = consent.a_year_from_now()
    everything = frozenset(DISCLOSABLE)
    consents = (everything, everything - {"contact"}, None, everything - {"contact", "equipment", "size"})
    for inquiry, fields in zip(asked, consents, strict=False):
        said = inquiries.Reply("accept", fields=fields, until=until, channel=Channel.PHONE, said_by=SAID_BY)
        inquiries.answer(inquiry, said, by=by)
    for inquiry in asked[len(consents) :]:
        said = inquiries.Reply("decline", reason="capacity", channel=Channel.PHONE, said_by=SAID_BY)
        inquiries.answer(inquiry, said, by=by)
