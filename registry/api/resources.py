"""What every kind of object of the API has in common: its list, one of them, and writing by the verbs of the pages."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar, cast

from django.http import Http404
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api.bodies import Body, StepBody
from registry.api.describing import Description
from registry.api.gate import Gate
from registry.api.paging import KeysetPages
from registry.api.problems import Stale, Unconditional
from registry.api.rows import Row, StrictFilterBackend
from registry.listing import Listing
from registry.models import User


class Resource(Gate, viewsets.GenericViewSet[Any]):
    """Give `listing`, `verb`, `resource` and `serializer_class`; `whole` where one object says more than its row.

    Every object carries an ETag of what is said of it, in the reader's language, but for what is `moving` by itself.
    `verbs` names by action the verb that a write needs instead of `verb`, `questions` the parameters that an action
    takes, with their values where they have such.
    """

    listing: ClassVar[Listing]
    verbs: ClassVar[dict[str, str]] = {}
    bodies: ClassVar[dict[str, Body | StepBody]] = {}
    answers: ClassVar[dict[str, dict[Any, Any]]] = {}
    questions: ClassVar[dict[str, dict[str, Sequence[str]]]] = {}
    whole: ClassVar[type[Row] | None] = None
    moving: ClassVar[Collection[str]] = ()
    filter_backends = [StrictFilterBackend]
    pagination_class = KeysetPages
    lookup_value_converter = "int"
    schema = Description()

    @property
    def person(self) -> User:
        """Who writes: never anonymous, once the permission was asked."""
        return cast("User", self.request.user)

    @property
    def filterset_class(self) -> Any:
        return self.listing.filters

    def known_parameters(self) -> Any:
        if self.action == "list":
            return self.request.query_params  # the filter knows those of the list
        return self.questions.get(self.action, ())

    def get_queryset(self) -> Any:
        return self.listing.rows(self.request.user)

    def get_object(self) -> Any:
        row = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        return row

    def list(self, request: Request, **_address: str) -> Response:
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        context = self.context(page)
        return self.get_paginated_response([self.serializer_class(row, context=context).data for row in page])  # type: ignore[misc]

    def retrieve(self, request: Request, pk: int) -> Response:
        answer = self.shown(self.get_object())
        if self.moving:
            return answer  # an ETag that leaves something out cannot say that nothing has changed
        conditional: Any = get_conditional_response(request._request, etag=answer["ETag"], response=answer)
        return conditional  # type: ignore[no-any-return]

    def context(self, rows: Sequence[Any]) -> dict[str, Any]:
        """What rows say that depends on the reader, read once for all of them."""
        return {}

    def get_parsers(self) -> Any:
        """JSON, or a form where the action takes a file."""
        method = getattr(self.request, "method", None) or ""  # it is none while the API is described
        body = self.bodies.get(self.action_map.get(method.lower(), ""))
        return [body.parser()] if body else super().get_parsers()

    # ---- one object ---------------------------------------------------------------------------------------------
    def said(self, row: Any) -> Any:
        """All that is said of one object."""
        return (self.whole or self.serializer_class)(row, context=self.context([row])).data  # type: ignore[misc]

    def shown(self, row: Any, status: int = 200) -> Response:
        said = self.said(row)
        return Response(said, status=status, headers={"ETag": self.etag_of(said)})

    def etag_of(self, said: dict[str, Any]) -> str:
        lasting = {name: value for name, value in said.items() if name not in self.moving}
        return f'"{hashlib.sha256(JSONRenderer().render(lasting)).hexdigest()[:32]}"'

    # ---- writing ------------------------------------------------------------------------------------------------
    def writable(self) -> Any:
        """Of the rows that the person sees, those that they may change."""
        return self.get_queryset()

    def sent(self) -> dict[str, Any]:
        """The body, once every field in it is known and of its type."""
        return self.bodies[self.action].read(self.request)

    def unchanged(self) -> Any:
        """The object, if it is still as the writer read it. Raises Unconditional or Stale."""
        row = self.writable().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        sent = parse_etags(self.request.headers.get("If-Match", ""))
        if not sent or sent == ["*"]:
            raise Unconditional
        if self.etag_of(self.said(row)) not in sent:
            raise Stale
        return row

    def made(self, row: Any) -> Response:
        """The new object as it is read, if the person reads it."""
        shown = self.get_queryset().filter(pk=row.pk).first()
        return Response({"id": row.pk}, status=201) if shown is None else self.shown(shown, 201)

    def after(self, write: Callable[[], Any]) -> Response:
        """Write, then show the object as it is now; nothing when the person does not see it any more."""
        write()
        row = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        return Response(status=204) if row is None else self.shown(row)


class Stepped(Resource):
    """A resource whose objects move by the steps of their table."""

    @action(detail=True, methods=["post"])
    def steps(self, request: Request, pk: int) -> Response:
        """Take one step, from the state that the ETag in If-Match names."""
        row = self.unchanged()
        sent = self.sent()
        return self.after(lambda: self.take(sent["step"], row, sent))

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """Call the verb. Raises StepRefused or PermissionDenied."""
        raise NotImplementedError
