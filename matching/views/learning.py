"""What was learnt from decisions: everybody of the offices reads it, the bureau trains it and takes it into use."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from matching import learning as learning_verbs
from matching.models import ORDER_MODEL_STEPS, OrderModel
from registry.access import allow, can, signed_in
from registry.steps import StepRefused, open_steps


@never_cache
@require_safe
@allow("matching.view_learning")
def learning(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@allow("matching.change_learning")
def train(request: HttpRequest) -> HttpResponse:
    try:
        model = learning_verbs.train()
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, status=409)
    messages.success(request, _("%(model)s was learnt and measured. It is not in use yet.") % {"model": model})
    return redirect("matching:learning")


@require_POST
@allow("matching.change_learning")
def use(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    model = get_object_or_404(OrderModel, pk=pk)
    try:
        learning_verbs.take(step, model, by=signed_in(request))
    except StepRefused as refused:
        messages.error(request, str(refused))
        return _page(request, status=409)
    messages.success(
        request, _("“%(step)s” is done. All open needs are matched again.") % {"step": ORDER_MODEL_STEPS[step].label}
    )
    return redirect("matching:learning")


def _page(request: HttpRequest, status: int = 200) -> HttpResponse:
    """The model in use, else the newest."""
    used = learning_verbs.active()
    shown = used or OrderModel.objects.first()
    newest = OrderModel.objects.first()
    may_change = can(request.user, "matching.change_learning")
    steps = [
        (model, name, step)
        for model in dict.fromkeys(model for model in (used, newest) if model)
        for name, step in open_steps(ORDER_MODEL_STEPS, model.state).items()
        if name == "deactivate" or (model.better and used is None)
    ]
    context = {
        "used": used,
        "model": shown,
        "newest": newest,
        "weights": learning_verbs.in_words(shown) if shown else [],
        "events": shown.events.select_related("by").order_by("-pk") if shown else [],
        "stock": learning_verbs.stock(),
        "least": learning_verbs.LEAST,
        "may_change": may_change,
        "steps": steps if may_change else [],
    }
    return render(request, "matching/learning.html", context, status=status)
