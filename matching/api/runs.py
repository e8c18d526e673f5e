"""Match runs: what the workers did and do, start one, cancel one."""

from datetime import datetime
from typing import Any, TypedDict

from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from matching import jobs
from matching.columns import RUN_COLUMNS
from matching.models import IndexBuild, MatchRun
from matching.views.runs import RUNS, is_silent, left_over
from registry.api.bodies import NOTHING, StepBody
from registry.api.problems import Conflict
from registry.api.resources import Stepped
from registry.api.rows import Row
from registry.tabular import Column


class LeftOverJSON(TypedDict):
    need: int
    error: str


class IndexJSON(TypedDict):
    number: int
    published_at: datetime
    firms: int
    terms: int


class NowJSON(TypedDict):
    index: IndexJSON | None
    waits_for_index: bool
    queued: int


class RunRow(Row):
    columns = RUN_COLUMNS


class RunDetail(Row):
    columns = [
        *RUN_COLUMNS,
        Column("matched", "needs that are settled so far", lambda run: 0, type=int),
        Column("asked", "needs of the run so far", lambda run: 0, type=int),
        Column(
            "without_a_firm", "of the matched needs those without a firm", lambda run: run.without_a_firm(), type=int
        ),
        Column("waits_for_index", "the index is being built first", lambda run: jobs.waits_for_index(), type=bool),
        Column("is_silent", "no worker took up anything for a minute", is_silent, type=bool),
        Column("left_over", "needs that could not be matched", lambda run: [], type=list[LeftOverJSON]),
        Column("hidden", "how many more that you may not see", lambda run: 0, type=int),
    ]

    def to_representation(self, instance: MatchRun) -> dict[str, Any]:
        matched, asked = instance.progress()
        parked, hidden = left_over(instance, self.context["user"])
        told = [{"need": job.need_id, "error": job.trouble} for job in parked]
        counted = {"matched": matched, "asked": asked, "hidden": hidden}
        return super().to_representation(instance) | counted | {"left_over": told}


class RunAPI(Stepped):
    """Match runs, the latest first. They are of all needs together: who may see one sees all."""

    listing, verb, resource, serializer_class = RUNS, "matching.view_run", "proposals", RunRow
    whole = RunDetail
    moving = {"matched", "asked", "without_a_firm", "waits_for_index", "is_silent", "left_over", "hidden"}
    verbs = dict.fromkeys(("create", "steps"), "matching.rematch")
    answers = {"create": {202: RunDetail}, "now": {200: NowJSON}}
    bodies = {
        "create": NOTHING,
        "steps": StepBody(["cancel"], lambda name: {}, example={"step": "cancel"}),
    }

    def context(self, rows: Any) -> dict[str, Any]:
        return {"user": self.person}

    def create(self, request: Request) -> Response:
        """Match all open needs again. While a run runs, its needs are asked for once more and that run is answered."""
        self.sent()
        return self.shown(jobs.start_rematch(by=self.person), 202)

    @action(detail=False, methods=["get"])
    def now(self, request: Request) -> Response:
        """The index that needs are matched with, and how much waits for a worker."""
        build = IndexBuild.objects.current()
        said: NowJSON = {
            "index": _index(build) if build else None,
            "waits_for_index": jobs.waits_for_index(),
            "queued": jobs.queued(),
        }
        return Response(said)

    def take(self, step: str, row: Any, sent: dict[str, Any]) -> None:
        """Needs that are not matched yet stay as they are."""
        if not jobs.cancel(row):
            raise Conflict(_("The run had ended already; there was nothing to cancel."))


def _index(build: IndexBuild) -> IndexJSON:
    return {"number": build.pk, "published_at": build.published_at, "firms": build.firms, "terms": build.terms}
