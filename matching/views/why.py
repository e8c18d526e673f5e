"""Why, and why not, this firm for this need: asked about any firm, proposed or not."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from matching import adjacent, checks, distance
from matching.columns import of_ten
from matching.documents import firm_document, firms_as_documents, need_document, needs_as_documents
from matching.engine.bands import Band
from matching.engine.documents import FirmDocument, NeedDocument
from matching.engine.why import Answer, ask
from matching.fresh import Snapshot, snapshot
from matching.highlight import weights
from matching.models import Proposal
from matching.propose import TOP
from matching.reasons import MOST_TERMS, reasons_of
from matching.store import IndexMissing
from matching.words import analysis_of
from registry.access import allow, signed_in
from registry.forms.fields import UNSTORABLE, key_in
from registry.models import Firm, Need, User

MOST_FOUND = 20
PARTS = {
    "stated": gettext_lazy("the need's own words"),
    "linked": gettext_lazy("by the term table"),
    "related": gettext_lazy("goes with them in the register"),
    "feedback": gettext_lazy("learnt from the first firms"),
}


@require_safe
@allow("matching.explain")
def why(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    need = get_object_or_404(needs_as_documents(Need.objects.visible_to(user)), pk=pk)
    words, asked = request.GET.get("q", "").strip()[:100], request.GET.get("firm", "")
    found = _found(user, words)
    context: dict[str, Any] = {"need": need, "q": words, "found": found, "bands": Proposal.Band}
    if asked or len(found) == 1:
        firm_id = key_in(asked) if asked else found[0].pk
        firm = get_object_or_404(firms_as_documents(Firm.objects.visible_to(user)), pk=firm_id)
        context |= {"firm": firm, "found": []}
        try:
            context |= answered(need, firm)
            context["way"] = adjacent.way(context["entry"])
        except IndexMissing:
            context["preparing"] = True
    return render(request, "matching/why.html", context)


def _found(user: User, words: str) -> Sequence[Firm]:
    if not words or UNSTORABLE.search(words):
        return []
    return list(Firm.objects.visible_to(user).matching_text(words)[:MOST_FOUND])


def answered(need: Need, firm: Firm) -> dict[str, Any]:
    """Where the firm stands, with all that the page says of it. Raises IndexMissing when there is no index yet."""
    seen = snapshot()
    documents = need_document(need), firm_document(firm)
    answer = ask(seen.index, *documents, seen.firms, (analysis_of(documents[0]), analysis_of(documents[1])))
    held = checks.stored_all(answer.checks, answer.effects)
    found = reasons_of(answer.terms)[:MOST_TERMS]
    return {
        "answer": answer,
        "build": seen.build,
        "band": Proposal.Band(answer.band),
        "fitted": of_ten(answer.band),
        "against": list(_against(need, firm, answer)),
        "lines": checks.in_words(need, held),
        "failed": next(iter(checks.in_words(need, [checks.stored(answer.failed)] if answer.failed else [])), None),
        "parts": [(label, answer.parts[name] * 100) for name, label in PARTS.items()],
        "points": answer.score * 100,
        "placed": checks.place_in_words(answer.score, held),
        "distance": distance.in_words(need, firm),
        "entry": _entry(seen, documents, answer),
        "reasons": found,
        "weights": weights(found, answer.score),
        "proposal": Proposal.objects.filter(need=need, firm=firm).select_related("order_model").first(),
    }


def _entry(seen: Snapshot, documents: tuple[NeedDocument, FirmDocument], answer: Answer) -> dict[str, Any]:
    """How the firm could enter, as Proposal.entry; empty when its text alone puts it forward, or there is no way."""
    if answer.band in {Band.STRONG, Band.POSSIBLE}:
        return {}
    need, firm = documents
    entry = adjacent.entrants(seen.index).of(need, analysis_of(need), firm, answer.score, answer.band)
    return adjacent.stored([entry])[entry.firm_id] if entry else {}


def _against(need: Need, firm: Firm, answer: Answer) -> Iterator[str]:
    """What keeps the firm from being proposed, the weightiest first."""
    if firm.state != Firm.State.PUBLISHED:
        yield _("The firm is not published; only published firms are proposed.")
    if need.state != Need.State.OPEN:
        yield _("The need is not open; only open needs are matched.")
    if not answer.score:
        yield _("Need and firm have no words in common, neither by the term table nor by what the register knows.")
    elif not answer.served:
        yield _("No firm of the register speaks to enough of this need, so all firms count as misses.")
    elif answer.band is Band.MISS:
        yield _("The score lies below the weakest band.")
    if answer.rank is None or answer.rank > TOP:
        yield _("Only the first %(count)d firms are proposed.") % {"count": TOP}
