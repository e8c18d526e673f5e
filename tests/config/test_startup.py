"""What a web process does before it serves."""

import subprocess
import sys

import pytest

LOADED = """
import gc
from config import wsgi
from django.urls import get_resolver
print(gc.get_freeze_count(), "url_patterns" in vars(get_resolver()))
"""


@pytest.mark.on_sqlite
def test_what_is_loaded_at_the_start_is_never_searched_for_garbage() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    frozen, views_are_loaded = done.stdout.split()
    assert int(frozen) > 150_000
    assert views_are_loaded == "True"
