"""Counters in Redis, and in the memory of the process while Redis does not answer."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import ConnectionError as NotConnected
from redis import TimeoutError as NoAnswer

log = logging.getLogger("kamer.cache")

AWAY_SECONDS = 5


def _either(name: str) -> Any:
    """The method of that name: of Redis, or of memory while Redis is away."""

    def method(self: RedisOrMemory, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self.away_until:
            try:
                return getattr(super(RedisOrMemory, self), name)(*args, **kwargs)
            except (NotConnected, NoAnswer) as error:
                log.warning("redis away, counting in memory: %s", type(error).__name__)
                self.away_until = time.monotonic() + AWAY_SECONDS
        return getattr(self.memory, name)(*args, **kwargs)

    return method


class RedisOrMemory(RedisCache):
    """Limits hold over all processes; while Redis is away, in each process by itself.

    So nobody is kept from reading and writing, and guessing passwords stays slow. After
    a failure Redis is left alone for a few seconds: a request waits for it once at most.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.memory = LocMemCache("while-redis-is-away", {**params, "OPTIONS": {}})
        self.away_until = 0.0

    add = _either("add")
    get = _either("get")
    set = _either("set")
    touch = _either("touch")
    delete = _either("delete")
    incr = _either("incr")
    has_key = _either("has_key")
    clear = _either("clear")
    get_many = _either("get_many")
    set_many = _either("set_many")
    delete_many = _either("delete_many")
