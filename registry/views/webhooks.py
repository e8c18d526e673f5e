"""A person's webhooks: adding one, what became of its messages, and the steps that it takes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from registry import webhooks as verbs
from registry.access import allow, signed_in
from registry.forms.webhooks import WebhookForm
from registry.models import Webhook
from registry.steps import StepRefused

STEPS = ("ping", "rotate", "pause", "resume", "remove")
MOST_SHOWN = 100


@never_cache
@sensitive_variables("secret")
@allow("api.webhook")
def webhooks(request: HttpRequest) -> HttpResponse:
    """As with tokens, the answer to the form is the only page that shows the secret."""
    user = signed_in(request)
    form, status, made, secret = WebhookForm(request.POST or None), 200, None, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made, secret = verbs.subscribe(user, **form.cleaned_data)
            except StepRefused as refused:
                form.add_error("url", str(refused))
                status = 409
            else:
                form, status = WebhookForm(), 201
    context = {"form": form, "made": made, "secret": secret, "webhooks": Webhook.objects.visible_to(user)}
    return render(request, "registry/webhooks.html", context, status=status)


@never_cache
@require_safe
@allow("api.webhook")
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk))


@require_POST
@sensitive_variables("secret")
@allow("api.webhook")
def webhook_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    hook = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    if step == "rotate":
        try:
            return _page(request, hook, secret=verbs.rotate(hook))
        except StepRefused as refused:
            messages.error(request, str(refused))
            return _page(request, hook, status=409)
    if step == "remove":
        hook.delete()
        messages.success(request, _("The webhook is gone; nothing more is sent to it."))
        return redirect("registry:webhooks")
    if step == "ping":
        verbs.ping(hook)
        messages.success(request, _("The test message is on its way. Look at its state below in a few seconds."))
    else:
        verbs.switch(hook, on=step == "resume")
    return redirect("registry:webhook", hook.pk)


@require_POST
@allow("api.webhook")
def delivery_again(request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
    hook = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    verbs.again(get_object_or_404(hook.deliveries, pk=delivery))
    messages.success(request, _("The message is sent again."))
    return redirect("registry:webhook", hook.pk)


def _page(request: HttpRequest, hook: Webhook, *, secret: str = "", status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "webhook": hook,
        "secret": secret,
        "events": [event.label for name, event in verbs.EVENTS.items() if name in hook.events],
        "deliveries": hook.deliveries.all()[:MOST_SHOWN],
    }
    return render(request, "registry/webhook.html", context, status=status)
