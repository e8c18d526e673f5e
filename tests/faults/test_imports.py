"""An import whose process is killed while it writes leaves nothing; the next one writes all."""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from registry import imports
from registry.models import Equipment, Firm, FirmEvent, ImportBatch, ImportRow
from tests.factories import BureauFactory, PrefectureFactory
from tests.services.worker import ROOT, database_url

pytestmark = pytest.mark.django_db(transaction=True)
LINES = 2_000
WORK = """
import sys, time, django; django.setup()
from registry import imports
from registry.imports import writing
def tell(name):
    do = getattr(writing, name)
    def told(*given):
        do(*given)
        print(name, given[-1], flush=True)
        if f"{name} {given[-1]}".startswith(sys.argv[1]):
            time.sleep(60)  # the kill has to hit before the transaction ends
    setattr(writing, name, told)
tell("written_so_far"); tell("hold"); tell("settle")
imports.work()
"""
"""A worker that says how far its transaction is, since nobody else can see it, and waits there to be killed."""


@pytest.mark.parametrize(
    "point", ["hold", "written_so_far 500", "written_so_far 1500", "written_so_far 2000", "settle"]
)
def test_killed_at_any_moment_it_is_all_or_nothing(point: str) -> None:
    PrefectureFactory("05")
    table = "企業名,都道府県,設備\n" + "".join(f"製作所{n},秋田県,旋盤 ×{n % 9 + 1}\n" for n in range(LINES))
    by = BureauFactory()
    batch = imports.upload("a.csv", table.encode(), by=by, source="x")
    imports.confirm(batch, by, batch.mapping)
    imports.work()
    batch.refresh_from_db()
    imports.take_over(batch, by)
    process = start(point)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(point):
            os.kill(process.pid, signal.SIGKILL)
            break
    process.wait(30)
    assert process.returncode == -signal.SIGKILL
    batch.refresh_from_db()
    assert (batch.state, batch.attempts) == ("writing", 1)
    assert counted() == (0, 0, 0, 0)
    ImportBatch.objects.update(claimed_until=None)  # as three minutes later
    assert imports.work() == 1
    batch.refresh_from_db()
    assert (batch.state, counted()) == ("done", (LINES, LINES, LINES, LINES))


def start(point: str) -> "subprocess.Popen[str]":
    environment: dict[str, Any] = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORK, point], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


def counted() -> tuple[int, int, int, int]:
    made = ImportRow.objects.filter(firm__isnull=False).count()
    return Firm.objects.count(), Equipment.objects.count(), FirmEvent.objects.count(), made
