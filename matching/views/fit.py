"""A firm looks at a public need: what is asked, what its profile says. No score, no rank, nothing of other firms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from matching.checks import checked, in_words
from matching.documents import needs_for_matching
from matching.engine.criteria import Outcome
from registry.access import allow, can, signed_in
from registry.models import Firm, Need


@require_safe
@allow("matching.fit")
def fit(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Need.objects.visible_to(request.user).filter(pk=pk)
    need = get_object_or_404(needs_for_matching().filter(pk__in=visible.values("pk")))
    firms = Firm.objects.visible_to(request.user).exclude(state=Firm.State.ARCHIVED).for_list()
    own = []
    for firm in firms:
        lines = in_words(need, checked(need, firm)[1])
        own.append((firm, lines, any(line.outcome == Outcome.UNKNOWN for line in lines)))
    may_offer = bool(own) and need.state == Need.State.OPEN and can(signed_in(request), "matching.volunteer")
    return render(request, "matching/fit.html", {"need": need, "own": own, "may_offer": may_offer})
