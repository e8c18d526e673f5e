import os

import pytest
import redis
from django.conf import settings
from django.db import connection
from playwright.sync_api import Page

from config.celery import app
from tests.services.worker import StartWorker


def test_redis_is_real() -> None:
    assert redis.Redis.from_url(settings.REDIS_URL).info()["redis_version"]


def test_database_is_the_one_that_was_asked_for(db: None) -> None:
    asked = "postgresql" if os.environ.get("DATABASE_URL") else "sqlite"
    assert connection.vendor == asked
    assert "test" in str(connection.settings_dict["NAME"])


@pytest.mark.on_postgres
def test_worker_lives_again_after_kill(start_worker: StartWorker) -> None:
    worker = start_worker()
    first = worker.pid
    worker.kill()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    worker.start()
    assert worker.pid != first
    assert app.control.ping(timeout=5, limit=1)


def test_browser_reaches_the_test_server(page: Page) -> None:
    page.goto("/healthz")
    assert page.inner_text("body").strip() == "ok"
