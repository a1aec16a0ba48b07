"""One finished text to the sockets of this process and, over Redis, to those of others.

Nobody waits for Redis. What it cannot pass on is dropped and heals with the heartbeat,
which reads the database. A text is signed, so that what stands on a page was made by a
process of this room, whoever else may write to that Redis. It is one subscription per
process and not one per thread: joining a thread then waits for nobody, and a process
that has no reader of a text throws it away.
"""

from __future__ import annotations

import atexit
import json
import logging
import queue
import random
import secrets
import threading
import time
from typing import Any

from django.conf import settings
from django.core import signing
from redis import Redis, RedisError

from forum import hub

log = logging.getLogger("kamer.live")

CHANNEL = "kamer:live"
MOST_WAITING = 1000
TIMEOUT_SECONDS = 2
# How long a process that ends waits for what it still has to tell.
LAST_WORDS_SECONDS = 2

# Who told it: a process hands out its own texts itself.
_HERE = secrets.token_hex(8)
_lock = threading.Lock()
_teller: Teller | None = None
_listener: Listener | None = None


def publish(topic: hub.Topic, text: str) -> None:
    """Hand ``text`` to everybody who follows ``topic``, in whichever process."""
    hub.publish(topic, text)
    if settings.REDIS_URL:
        _telling().tell(topic, text)


def listen() -> None:
    """Hand out from now on what other processes tell; once per process."""
    global _listener
    with _lock:
        if settings.REDIS_URL and _listener is None:
            _listener = Listener(settings.REDIS_URL)
            _listener.start()


def _telling() -> Teller:
    global _teller
    with _lock:
        if _teller is None:
            _teller = Teller(settings.REDIS_URL)
            _teller.start()
            atexit.register(_teller.finish)
        return _teller


class Teller(threading.Thread):
    """Passes texts on in the order in which they came, beside the requests."""

    def __init__(self, url: str) -> None:
        super().__init__(name="live-teller", daemon=True)
        self._redis = _connect(url)
        self._waiting: queue.Queue[str] = queue.Queue(MOST_WAITING)
        self._is_away = False

    def tell(self, topic: hub.Topic, text: str) -> None:
        """Stand in line; where the line is full, dropped."""
        told = json.dumps({"from": _HERE, "topic": topic, "text": text})
        try:
            self._waiting.put_nowait(_signer().sign(told))
        except queue.Full:
            self._say("full")

    def run(self) -> None:
        """Called by `start`."""
        while True:
            self._pass_on(self._waiting.get())
            self._waiting.task_done()

    def _pass_on(self, told: str) -> None:
        try:
            self._redis.publish(CHANNEL, told)
        except RedisError as error:
            self._say(type(error).__name__)
            # What waits is old when Redis is back: readers have caught up by then.
            while not self._waiting.empty():
                self._waiting.get()
                self._waiting.task_done()
            time.sleep(_pause())
        else:
            self._is_away = False

    def _say(self, why: str) -> None:
        # Once for each time that it goes away.
        if not self._is_away:
            log.warning("redis away, telling stops: %s", why)
        self._is_away = True

    def finish(self) -> None:
        """Let a process that ends, such as a command, say what it has to say."""
        deadline = time.monotonic() + LAST_WORDS_SECONDS
        while self._waiting.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)


class Listener(threading.Thread):
    """Hands out what other processes of this room tell, and comes back to Redis."""

    def __init__(self, url: str) -> None:
        super().__init__(name="live-listener", daemon=True)
        self._redis = _connect(url)
        self._told_to_stop = threading.Event()

    def run(self) -> None:
        """Called by `start`."""
        is_away = False
        while not self._told_to_stop.is_set():
            try:
                hearing: Any = self._redis.pubsub  # redis ships no types for it
                with hearing(ignore_subscribe_messages=True) as heard:
                    heard.subscribe(CHANNEL)
                    while not self._told_to_stop.is_set():
                        message = heard.get_message(timeout=TIMEOUT_SECONDS)
                        is_away = False
                        if message is not None:
                            hand_out(message["data"])
            except RedisError as error:
                if not is_away:
                    log.warning("redis away, hearing stops: %s", type(error).__name__)
                is_away = True
            self._told_to_stop.wait(_pause())
        self._redis.close()

    def stop(self) -> None:
        """Hear nothing more; returns when that is so."""
        self._told_to_stop.set()
        self.join()


def hand_out(told: bytes) -> None:
    """Hand a text of another process to the sockets here; what no process of this room
    signed is nothing.
    """
    try:
        found: dict[str, Any] = json.loads(_signer().unsign(told.decode()))
    except (signing.BadSignature, UnicodeDecodeError):
        return
    if found["from"] != _HERE:
        kind, topic_id, language = found["topic"]
        hub.publish((kind, topic_id, language), found["text"])


def _signer() -> signing.Signer:
    # Not before it is asked for: the keys themselves are made without a secret.
    return signing.Signer(salt="live")


def _connect(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_keepalive=True,
        health_check_interval=10,
    )


def _pause() -> float:
    """Seconds before the next try; different for each process."""
    return 1 + random.random()  # noqa: S311 - no secret
