"""The cache without Redis, and the log with hostile text."""

import logging

from django.core.cache import cache

from config.cache import ForgivingRedisCache, JsonSerializer
from config.logs import OneLine

AWAY = "unix:///nonexistent/redis.sock"


def test_without_redis_the_cache_is_empty_not_broken() -> None:
    away = ForgivingRedisCache(AWAY, {})
    away.set("a", [1.5])
    assert away.get("a", "default") == "default"
    assert away.get_many(["a"]) == {}
    assert away.add("a", 1)
    assert not away.delete("a")


def test_cache_keeps_values_as_json() -> None:
    cache.set("times", [1.5, 2.5])
    cache.set("count", 1)
    assert cache.incr("count") == 2
    assert cache.get("times") == [1.5, 2.5]
    assert JsonSerializer().dumps([True]) == b"[true]"


def test_what_opens_something_by_itself_is_in_no_log() -> None:
    secret = "Zk3-x_9:1xX"
    for path in (f"/shared/{secret}/enter/", f"/invitations/{secret}/", f"/account/confirm-email/{secret}/",
                 f"/account/password/reset/key/{secret}/"):  # fmt: skip
        record = logging.LogRecord("django.request", logging.WARNING, "f", 1, "Not Found: %s", (path,), None)
        said = OneLine("{message}", style="{").format(record)
        assert (secret in said, said.startswith("Not Found: /")) == (False, True)


def test_a_line_break_in_a_name_makes_no_second_event() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "name %s", ("a\nERROR forged\r\u2028b",), None)
    assert OneLine("{message}", style="{").format(record) == "name a\\nERROR forged\\x0d\\x2028b"
