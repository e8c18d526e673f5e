"""Who may do what (verbs per role) and who sees which rows. Nothing else in the project decides on permission.

A view declares its verb with `@allow("registry.view_firm")`; rows come from `Model.objects.visible_to(user)`. What a
person may not see answers 404 like what does not exist; what a role may never do answers 403, whatever the row.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Self, TypeAlias, TypeVar, cast

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    from registry.models import User

    Person: TypeAlias = User | AnonymousUser

View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]
Guarded = TypeVar("Guarded", bound=View)


class Role(models.TextChoices):
    FIRM = "firm", _("local firm")
    COORDINATOR = "coordinator", _("coordinator")
    BUREAU = "bureau", _("bureau coordinator")
    ANCHOR = "anchor", _("anchor side")
    ADMIN = "admin", _("administrator")


_EVERYBODY = frozenset(Role)
OFFICE_ROLES = frozenset({Role.COORDINATOR, Role.BUREAU})

VERBS: dict[str, frozenset[Role]] = {
    "registry.home": _EVERYBODY,
    "registry.notices": _EVERYBODY,
    "registry.view_firm": OFFICE_ROLES | {Role.FIRM, Role.ADMIN},
    "registry.export_firm": OFFICE_ROLES,
    "registry.register_firm": frozenset({Role.FIRM}),
    "registry.change_firm": OFFICE_ROLES | {Role.FIRM},
    "registry.confirm_firm": frozenset({Role.FIRM}),
    "registry.confirm_certificate": OFFICE_ROLES,
    "registry.confirm_english": OFFICE_ROLES | {Role.FIRM},
    "registry.view_history": OFFICE_ROLES,
    "registry.view_file": OFFICE_ROLES | {Role.FIRM},
    "registry.view_people": OFFICE_ROLES | {Role.FIRM},
    "registry.change_people": frozenset({Role.FIRM}),
    "registry.accept_invitation": frozenset({Role.FIRM}),
    "registry.leave": frozenset({Role.FIRM}),
    "registry.view_erasure": OFFICE_ROLES | {Role.FIRM},
    "registry.decide_erasure": OFFICE_ROLES,
    "registry.view_claim": OFFICE_ROLES | {Role.FIRM},
    "registry.decide_claim": OFFICE_ROLES,
    "registry.view_map": OFFICE_ROLES,
    "registry.view_consortium": OFFICE_ROLES,
    "registry.import": OFFICE_ROLES | {Role.ANCHOR},
    "registry.import_register": OFFICE_ROLES,
    "registry.import_need": OFFICE_ROLES | {Role.ANCHOR},
    "registry.view_event": OFFICE_ROLES,
    "registry.merge_firms": OFFICE_ROLES,
    "registry.ask_registers": OFFICE_ROLES,
    "registry.view_project": _EVERYBODY,
    "registry.view_need": _EVERYBODY,
    "registry.change_need": OFFICE_ROLES | {Role.ANCHOR},
    "registry.review_need": OFFICE_ROLES,
    "registry.view_drawing": OFFICE_ROLES | {Role.ANCHOR},
    "registry.check_export": OFFICE_ROLES,
    "matching.view_proposal": OFFICE_ROLES,
    "matching.view_figures": OFFICE_ROLES,
    "matching.decide": OFFICE_ROLES,
    "matching.log_contact": OFFICE_ROLES,
    "matching.view_task": OFFICE_ROLES,
    "matching.change_task": OFFICE_ROLES,
    "matching.report_task": frozenset({Role.FIRM}),
    "matching.explain": OFFICE_ROLES,
    "matching.fit": frozenset({Role.FIRM}),
    "matching.view_exposure": OFFICE_ROLES,
    "matching.view_learning": OFFICE_ROLES,
    "matching.change_learning": frozenset({Role.BUREAU}),
    "matching.concerns": frozenset({Role.FIRM}),
    "matching.volunteer": frozenset({Role.FIRM}),
    "matching.consent": frozenset({Role.FIRM}),
    "matching.ask": OFFICE_ROLES,
    "matching.feedback": OFFICE_ROLES,
    "matching.view_inquiry": OFFICE_ROLES | {Role.FIRM},
    "matching.answer_inquiry": OFFICE_ROLES | {Role.FIRM},
    "matching.record_nda": OFFICE_ROLES,
    "matching.read_drawing": frozenset({Role.FIRM}),
    "matching.rematch": OFFICE_ROLES,
    "matching.view_run": OFFICE_ROLES,
    "matching.view_list": OFFICE_ROLES | {Role.ANCHOR},
    "matching.make_list": OFFICE_ROLES,
    "matching.answer_list": frozenset({Role.ANCHOR}),
    "matching.view_group": OFFICE_ROLES,
    "matching.make_group": OFFICE_ROLES,
    "matching.join_group": OFFICE_ROLES | {Role.FIRM},
    "registry.view_catalogue": _EVERYBODY,
    "api.schema": _EVERYBODY,
    "api.me": _EVERYBODY,
    "api.token": _EVERYBODY,
    "api.webhook": OFFICE_ROLES | {Role.ANCHOR},
    "api.oversee": frozenset({Role.BUREAU, Role.ADMIN}),
}
"""Every verb and the roles that may use it. The administrator looks after users and catalogues on the admin site."""


def can(user: "Person", verb: str) -> bool:
    """Whether the person's role may use the verb at all; which rows it then meets is `visible_to`'s matter."""
    return bool(user.is_authenticated and user.is_active and Role(user.role) in VERBS[verb])


def signed_in(request: HttpRequest) -> "User":
    """The person behind a request that passed `allow`: never anonymous."""
    return cast("User", request.user)


def allow(verb: str) -> Callable[[Guarded], Guarded]:
    """Close a view to roles without the verb. An unknown verb fails when the module is imported."""
    roles = VERBS[verb]

    def decorate(view: Guarded) -> Guarded:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not can(request.user, verb):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.verb, guarded.roles = verb, roles  # type: ignore[attr-defined]
        return cast("Guarded", guarded)

    return decorate


class VerbPermission(BasePermission):
    """The same rule for an API view: its `verb`, or by action in `verbs`; and what the request's token reaches."""

    def has_permission(self, request: Request, view: Any) -> bool:
        verb = getattr(view, "verbs", {}).get(getattr(view, "action", None), view.verb)
        token: Any = request.auth
        reaches = token is None or token.allows(view.resource, write=request.method not in SAFE_METHODS)
        return can(request.user, verb) and reaches


class Visible(models.QuerySet[Any]):
    """A queryset that knows which of its rows a person sees; each model says so in `rows`."""

    def rows(self, user: "User") -> Q:
        raise NotImplementedError

    def visible_to(self, user: "Person") -> Self:
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(self.rows(user))


NOTHING = Q(pk__in=[])


def firm_rows(user: "User", prefix: str = "") -> Q:
    """Firms a person sees. `prefix` leads from another model to the firm, for example `firm__`."""
    if user.role in {Role.BUREAU, Role.ADMIN}:
        return Q()
    if user.role == Role.COORDINATOR:
        return Q(**{f"{prefix}prefecture__in": user.scope.prefectures})
    if user.role == Role.FIRM:
        return Q(**{f"{prefix}pk__in": user.firm_ids})
    return NOTHING


def need_rows(user: "User", prefix: str = "") -> Q:
    """Needs a person sees: the anchor side its own, firms what is open and public, offices what their scope covers.

    A need under NDA is seen by its own anchor side, the office in charge, the bureau, and while it is open by firms
    whose NDA for it is recorded; by nobody else.
    """

    def where(**lookups: Any) -> Q:
        return Q(**{prefix + name: value for name, value in lookups.items()})

    if user.role == Role.BUREAU:
        return Q()
    if user.role == Role.ADMIN:
        return ~where(visibility="nda")
    if user.role == Role.ANCHOR:
        return where(project__in=user.project_ids)
    if user.role == Role.FIRM:
        return where(state="open") & (where(visibility="public") | where(pk__in=user.nda_need_ids))
    if user.role == Role.COORDINATOR:
        scope = user.scope
        shared = where(visibility__in=["public", "coordinators"])
        located = where(project__municipality__prefecture__in=scope.prefectures) & ~where(state="draft")
        announced = where(state__in=["open", "filled", "closed"])
        in_cluster = where(project__sector__cluster__in=scope.clusters) if scope.clusters else Q()
        return where(office__in=scope.offices) | shared & (located | announced & in_cluster)
    return NOTHING


def changeable_need_rows(user: "User") -> Q:
    """Of the needs a person sees, those they may edit and move: seeing another office's need is not changing it."""
    if user.role == Role.BUREAU:
        return Q()
    if user.role == Role.ANCHOR:
        return Q(project__in=user.project_ids)
    if user.role == Role.COORDINATOR:
        return Q(office__in=user.scope.offices) | Q(project__municipality__prefecture__in=user.scope.prefectures)
    return NOTHING


def in_charge_rows(user: "User", prefix: str = "") -> Q:
    """Needs whose drawings and changes a person sees: the anchor side its own, the office in charge, the bureau."""
    if user.role == Role.BUREAU:
        return Q()
    if user.role == Role.ANCHOR:
        return Q(**{f"{prefix}project__in": user.project_ids})
    if user.role == Role.COORDINATOR:
        return Q(**{f"{prefix}office__in": user.scope.offices})
    return NOTHING


def buying_project_rows(user: "User") -> Q:
    """Projects a person may write a need for: the anchor side its own, offices those that lie in their scope."""
    if user.role == Role.BUREAU:
        return Q()
    if user.role == Role.ANCHOR:
        return Q(pk__in=user.project_ids)
    if user.role == Role.COORDINATOR:
        return Q(municipality__prefecture__in=user.scope.prefectures)
    return NOTHING
