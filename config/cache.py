"""A Redis cache that is empty, not broken, while Redis is away: pages and edits go on and the log says so.

It holds only what may be lost (the counters of the sign-in limits); sessions live in the database.
Values are JSON, never pickle.
"""

import json
import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


class JsonSerializer:
    def dumps(self, value: Any) -> int | bytes:
        return value if type(value) is int else json.dumps(value).encode()  # a bare number lets Redis count

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


def otherwise(answer: R) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Give this answer while Redis cannot be reached."""

    def wrap(call: Callable[P, R]) -> Callable[P, R]:
        def forgiving(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return call(*args, **kwargs)
            except (RedisAway, RedisSlow) as problem:
                log.warning("cache unreachable, going on without it: %s", problem)
                return answer

        return forgiving

    return wrap


class ForgivingClient(RedisCacheClient):
    add = otherwise(True)(RedisCacheClient.add)
    set = otherwise(None)(RedisCacheClient.set)
    touch = otherwise(False)(RedisCacheClient.touch)
    delete = otherwise(False)(RedisCacheClient.delete)
    incr = otherwise(0)(RedisCacheClient.incr)
    has_key = otherwise(False)(RedisCacheClient.has_key)
    set_many = otherwise(None)(RedisCacheClient.set_many)
    delete_many = otherwise(None)(RedisCacheClient.delete_many)

    def get(self, key: Any, default: Any) -> Any:
        return otherwise(default)(super().get)(key, default)

    def get_many(self, keys: Any) -> dict[Any, Any]:
        nothing: dict[Any, Any] = {}
        return otherwise(nothing)(super().get_many)(keys)


class ForgivingRedisCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
