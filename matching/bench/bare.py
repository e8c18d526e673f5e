"""A bare Django list of proposals, the measure of pages, and the clock that both are timed with.

As ROOT_URLCONF this module is the site with the bare list beside it.
"""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client
from django.test.utils import override_settings
from django.urls import include, path
from django.views.decorators.http import require_safe

from matching.models import Proposal
from registry.access import allow
from registry.models import User
from registry.startup import settle

URL = "/bare/"

_TEMPLATE = """<!DOCTYPE html><title>Bare</title><p>{{ user.email }} {{ page.paginator.count }}<table>
{% for row in page %}<tr><td>{{ row.pk }}<td>{{ row.firm.name }}<td>{{ row.need.title }}<td>{{ row.need.project.name }}
<td>{{ row.get_state_display }}<td>{{ row.score }}<td>{{ row.due_on }}{% endfor %}</table>"""


@require_safe
@allow("matching.view_proposal")
def bare(request: HttpRequest) -> HttpResponse:
    """What Django alone costs: signed in by session, counted, 50 rows with their relations, a plain template."""
    rows = Proposal.objects.select_related("need__project", "firm").order_by("due_on", "-score", "pk")
    page = Paginator(rows, 50).page(request.GET.get("page", "1"))
    return HttpResponse(_template().render(Context({"page": page, "user": request.user})))


@cache
def _template() -> Template:
    return Template(_TEMPLATE)


urlpatterns = [path("bare/", bare), path("", include(settings.ROOT_URLCONF))]


@contextmanager
def site() -> Iterator[None]:
    """Settled as where it is served; the test client's host is not in ALLOWED_HOSTS."""
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECURE_SSL_REDIRECT=False):
        settle()
        yield


def person(email: str) -> User:
    return User.objects.get(email=email)


def browser(email: str) -> Client:
    client = Client()
    client.force_login(person(email))
    return client


def seconds(client: Client, url: str) -> float:
    start = time.perf_counter()
    client.get(url)
    return time.perf_counter() - start


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else max(values)
