"""The API itself: its description, the page that shows it, whose token this is, and addresses that lead nowhere."""

from typing import Any, TypedDict

from django.http import Http404
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.describing import Description
from registry.api.gate import Gate
from registry.models import APIToken


class Schema(Gate, SpectacularAPIView):
    """What the API offers, as OpenAPI."""

    verb, parameters = "api.schema", ("format", "lang")


class Docs(Gate, SpectacularSwaggerSplitView):
    """The same to read and try; its scripts come from this server, the content policy holds."""

    verb, parameters = "api.schema", ("script", "lang")
    template_name = "registry/api_docs.html"


class TokenJSON(TypedDict):
    name: str
    access: str
    resources: list[str]
    expires_at: str


class MeJSON(TypedDict):
    id: int
    email: str
    role: str
    offices: list[int]
    firms: list[int]
    projects: list[int]
    token: TokenJSON | None


class Me(Gate):
    """Who you are here, and what your token may do."""

    verb, action, schema = "api.me", "retrieve", Description()
    answers = {"retrieve": {200: MeJSON}}

    def get(self, request: Request) -> Response:
        user, token = request.user, request.auth
        assert not user.is_anonymous
        said: MeJSON = {
            "id": user.pk,
            "email": user.email,
            "role": user.role,
            "offices": list(user.scope.offices),
            "firms": user.firm_ids,
            "projects": user.project_ids,
            "token": _token(token) if isinstance(token, APIToken) else None,
        }
        return Response(said)


def _token(token: APIToken) -> TokenJSON:
    return {
        "name": token.name,
        "access": token.access,
        "resources": token.resources,
        "expires_at": token.expires_at.isoformat(),
    }


class Nothing(Gate):
    """Every other address below /api/, so that a program reads a problem and not a page."""

    verb, schema = "api.schema", None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Http404

    def known_parameters(self) -> Any:
        return self.request.query_params
