"""A person's API tokens, and everybody's for those who watch over the API."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from registry import tokens as verbs
from registry.access import allow, can, signed_in
from registry.columns import TOKEN_COLUMNS
from registry.filters import TokenFilter
from registry.forms.tokens import TokenForm
from registry.listing import Listing
from registry.models import APIToken
from registry.steps import StepRefused

TOKENS = Listing(
    rows=lambda user: APIToken.objects.visible_to(user).for_list(),
    filters=TokenFilter,
    columns=TOKEN_COLUMNS,
    template="registry/tokens_everybody.html",
    stem="tokens",
)
MOST_SHOWN = 100


@never_cache
@sensitive_variables("secret")
@allow("api.token")
def tokens(request: HttpRequest) -> HttpResponse:
    """The answer to the form is the only page that ever shows the secret, so it leads nowhere else."""
    user = signed_in(request)
    form, status, made, secret = TokenForm(request.POST or None), 200, None, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made, secret = verbs.make(user, **form.cleaned_data)
            except StepRefused as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                form, status = TokenForm(), 201
    context = {
        "form": form,
        "made": made,
        "secret": secret,
        "tokens": user.api_tokens.for_list()[:MOST_SHOWN],
        "labels": verbs.RESOURCES,
        "oversees": can(user, "api.oversee"),
        "may_hook": can(user, "api.webhook"),
    }
    return render(request, "registry/tokens.html", context, status=status)


@require_safe
@allow("api.oversee")
def everybody(request: HttpRequest) -> HttpResponse:
    return TOKENS.page(request)


@require_safe
@allow("api.oversee")
def everybody_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return TOKENS.export(request, extension, title=_("API tokens"))


@require_POST
@allow("api.token")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    token = get_object_or_404(APIToken.objects.visible_to(user).select_related("owner"), pk=pk)
    if verbs.revoke(token, by=user):
        messages.success(request, _("The token “%(name)s” is refused from now on.") % {"name": token.name})
    return redirect("registry:tokens" if token.owner == user else "registry:tokens-everybody")
