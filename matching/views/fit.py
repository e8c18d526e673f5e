"""A firm looks at a public need: what is asked, what its profile says. No score, no rank, nothing of other firms."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from matching.checks import Line, checked, in_words
from matching.documents import needs_for_matching
from matching.engine.criteria import Outcome
from registry.access import allow, can, signed_in
from registry.models import Firm, Need, User


@require_safe
@allow("matching.fit")
def fit(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    need = seen_need(user, pk)
    own = [(firm, lines, any(line.outcome == Outcome.UNKNOWN for line in lines)) for firm, lines in fits(need, user)]
    may_offer = bool(own) and need.state == Need.State.OPEN and can(user, "matching.volunteer")
    return render(request, "matching/fit.html", {"need": need, "own": own, "may_offer": may_offer})


def seen_need(user: User, pk: int) -> Need:
    """The need with all that firms are held against. Raises Http404 where the person does not see it."""
    visible = Need.objects.visible_to(user).filter(pk=pk)
    need: Need = get_object_or_404(needs_for_matching().filter(pk__in=visible.values("pk")))
    return need


def fits(need: Need, user: User) -> Iterator[tuple[Firm, list[Line]]]:
    """The person's firms, each held against the criteria of the need as it stands now."""
    for firm in Firm.objects.visible_to(user).exclude(state=Firm.State.ARCHIVED).for_list():
        yield firm, in_words(need, checked(need, firm)[1])
