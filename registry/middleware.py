"""Everything is closed unless a view says otherwise, and no cache keeps what a signed-in person was shown."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render


class SignedInMiddleware(LoginRequiredMiddleware):
    def handle_no_permission(  # type: ignore[override]  # not always a redirect
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        """The log-in page, but never inside a fragment: htmx is told to load it as a page and to come back after."""
        if request.headers.get("HX-Request") != "true":
            return super().handle_no_permission(request, view_func)
        login = redirect_to_login(
            _page_of(request), self.get_login_url(view_func), self.get_redirect_field_name(view_func)
        )
        return HttpResponse(status=401, headers={"HX-Redirect": login.url})

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        person = getattr(request, "_cached_user", None)  # only where somebody asked who it is: no query of our own
        if person is not None and person.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        if response.status_code == 405 and request.method == "GET" and not getattr(response, "content", b"x"):
            return _no_page(request, response)
        return response


def _no_page(request: HttpRequest, refusal: HttpResponseBase) -> HttpResponse:
    """Reloading, or signing in again, leads to where a form was sent: say so instead of showing a white page."""
    page = render(request, "405.html", status=405)
    for name in ("Allow", "Cache-Control"):
        if name in refusal:
            page[name] = refusal[name]
    return page


def _page_of(request: HttpRequest) -> str:
    """The page of this site that a fragment was asked for from; the first page when the header says anything else."""
    try:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return "/"
    return page._replace(scheme="", netloc="").geturl() or "/" if page.netloc == request.get_host() else "/"
