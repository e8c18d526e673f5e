"""Match runs: what the workers did and do, start one, cancel one, match one need now."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from matching import jobs
from matching.columns import RUN_COLUMNS
from matching.models import IndexBuild, Job, MatchRun
from registry.access import allow, can, signed_in
from registry.filters import NoFilter
from registry.listing import PAGE_SIZE, Listing, page_of
from registry.models import Need, User

SILENCE = timedelta(seconds=60)  # after which the page says that no worker seems to run


def _runs(_user: Any) -> Any:
    """Runs are of all needs together: who may see one sees all."""
    return MatchRun.objects.select_related("requested_by")


RUNS = Listing(
    rows=_runs,
    filters=NoFilter,
    columns=RUN_COLUMNS,
    template="matching/runs.html",
    stem="runs",
)


@never_cache
@require_safe
@allow("matching.view_run")
def runs(request: HttpRequest) -> HttpResponse:
    context = {
        "page_obj": page_of(RUNS.rows(request.user), request),
        "build": IndexBuild.objects.current(),
        "preparing": jobs.waits_for_index(),
        "queued": jobs.queued(),
        "may_start": can(request.user, "matching.rematch"),
    }
    return render(request, "matching/runs.html", context)


@require_safe
@allow("matching.view_run")
def runs_export(request: HttpRequest, extension: str) -> HttpResponseBase:
    return RUNS.export(request, extension, title=_("Matching runs"))


@never_cache
@require_safe
@allow("matching.view_run")
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; htmx gets the part that changes, every two seconds until the run has ended."""
    shown = get_object_or_404(MatchRun.objects.select_related("requested_by"), pk=pk)
    parked, hidden = left_over(shown, signed_in(request))
    done, total = shown.progress()
    context = {
        "run": shown,
        "running": shown.state == MatchRun.State.RUNNING,
        "done": done,
        "unserved": shown.without_a_firm(),
        "total": total,
        "preparing": jobs.waits_for_index(),
        "silent": is_silent(shown),
        "parked": parked,
        "hidden": hidden,
        "may_cancel": can(request.user, "matching.rematch"),
    }
    fragment = request.headers.get("HX-Target") == "run"
    answer = render(request, "matching/_run.html" if fragment else "matching/run.html", context)
    patch_vary_headers(answer, ("HX-Request", "HX-Target"))
    return answer


def left_over(shown: MatchRun, user: User) -> tuple[list[Job], int]:
    """What could not be matched: the jobs of needs that the person sees, and how many there are of other needs."""
    parked = shown.jobs.filter(state=Job.State.PARKED)
    visible = parked.filter(need__in=Need.objects.visible_to(user))
    return list(visible.select_related("need").order_by("need")[:PAGE_SIZE]), parked.count() - visible.count()


def is_silent(shown: MatchRun) -> bool:
    """Whether nothing was begun for so long that a person should look after the workers."""
    if shown.state != MatchRun.State.RUNNING or shown.seconds < SILENCE.total_seconds():
        return False
    return not Job.objects.filter(started_at__gt=timezone.now() - SILENCE).exists()


@require_POST
@allow("matching.rematch")
def rematch(request: HttpRequest) -> HttpResponse:
    """A second press joins the run that runs."""
    return redirect(jobs.start_rematch(by=signed_in(request)))


@require_POST
@allow("matching.rematch")
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    cancelled = get_object_or_404(MatchRun, pk=pk)
    if jobs.cancel(cancelled):
        left = cancelled.jobs.filter(state=Job.State.CANCELLED).count()
        text = ngettext(
            "The run was cancelled. %(count)d need was left as it is.",
            "The run was cancelled. %(count)d needs were left as they are.",
            left,
        )
        messages.success(request, text % {"count": left})
    else:
        messages.warning(request, _("The run had ended already; there was nothing to cancel."))
    return redirect(cancelled)


@require_POST
@allow("matching.rematch")
def need_match(request: HttpRequest, pk: int) -> HttpResponse:
    """Match one need now; whoever pressed finds the proposals in the queue a moment later."""
    need = get_object_or_404(Need.objects.visible_to(signed_in(request)), pk=pk)
    if need.state != Need.State.OPEN:
        messages.warning(request, _("Only open needs are matched. Open the need first."))
    elif IndexBuild.objects.current() is None:
        jobs.request_need(need.pk)
        messages.info(request, _("The index is being prepared. The need is matched as soon as it is ready."))
    else:
        jobs.request_need(need.pk)
        messages.success(request, _("The need is being matched. Its proposals appear in the queue within seconds."))
    return redirect(need)
