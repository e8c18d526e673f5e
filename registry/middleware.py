"""Everything is closed unless a view says otherwise, and no cache keeps what a signed-in person was shown."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _


class SignedInMiddleware(LoginRequiredMiddleware):
    def handle_no_permission(  # type: ignore[override]  # not always a redirect
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        """The sign-in page, and after it the page that one was on, for an address that takes forms shows nothing.

        Never inside a fragment: htmx is told to load it as a page.
        """
        fragment, sent = request.headers.get("HX-Request") == "true", request.method == "POST"
        if not fragment and not sent:
            return super().handle_no_permission(request, view_func)
        if sent:
            messages.warning(request, _("You were signed out in the meantime, so nothing was saved. Sign in to go on."))
        page = _page_of(request, "HX-Current-URL" if fragment else "Referer")
        login = redirect_to_login(page, self.get_login_url(view_func), self.get_redirect_field_name(view_func))
        return HttpResponse(status=401, headers={"HX-Redirect": login.url}) if fragment else login

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        person = getattr(request, "_cached_user", None)  # only where somebody asked who it is: no query of our own
        if person is not None and person.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        if response.status_code == 405 and request.method == "GET" and not getattr(response, "content", b"x"):
            return _no_page(request, response)
        return response


def _no_page(request: HttpRequest, refusal: HttpResponseBase) -> HttpResponse:
    """Reloading leads to where a form was sent: say so instead of showing a white page."""
    page = render(request, "405.html", status=405)
    for name in ("Allow", "Cache-Control"):
        if name in refusal:
            page[name] = refusal[name]
    return page


def _page_of(request: HttpRequest, header: str) -> str:
    """The page of this site that something was asked for from; the first page when the header says anything else."""
    try:
        page = urlsplit(request.headers.get(header, ""))
    except ValueError:
        return "/"
    return page._replace(scheme="", netloc="").geturl() or "/" if page.netloc == request.get_host() else "/"
