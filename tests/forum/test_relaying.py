from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from directeurskamer.cache import RedisOrMemory
from forum import hub, relaying
from tests import services

ROOT = Path(__file__).resolve().parents[2]
TOPIC = ("room", "room", "nl")
TELLS = (
    "import sys, django; django.setup()\n"
    "from forum import relaying\n"
    "for text in sys.argv[1:]: relaying.publish(('room', 'room', 'nl'), text)\n"
)
PATIENCE = 20


class Reader:
    """A seat in this process that keeps what it gets."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.member_id = self.session_key = "reader"
        self.texts: list[str] = []
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def deliver(self, text: str) -> None:
        self.texts.append(text)

    def end(self) -> None:
        """Nobody ends it."""

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def gets(self, *texts: str) -> bool:
        """Whether it has got exactly these, in a while."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.texts != list(texts):
            time.sleep(0.02)
        return self.texts == list(texts)


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    hub.join(TOPIC, reader)
    yield reader
    hub.leave(TOPIC, reader)
    reader.stop()


@pytest.fixture
def port() -> int:
    return services.free_port()


@contextmanager
def hearing(url: str) -> Iterator[None]:
    """This process hears what others tell."""
    listener = relaying.Listener(url)
    listener.start()
    try:
        is_heard(url)
        yield
    finally:
        listener.stop()


def is_heard(url: str) -> None:
    """Wait until somebody listens there."""
    deadline = time.monotonic() + PATIENCE
    with Redis.from_url(url) as client:
        while not client.pubsub_numsub(relaying.CHANNEL)[0][1]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def another_process_tells(url: str, *texts: str, secret: str = "") -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "directeurskamer.settings",
        "DK_DEMO": "1",
        "DK_ALIAS_KEYS": "A" * 43,
        "DK_SECRET_KEY": secret or settings.SECRET_KEY,
        "DK_REDIS_URL": url,
    }
    command = [sys.executable, "-c", TELLS, *texts]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=PATIENCE)


def test_text_of_another_process_reaches_the_readers_here_in_order(
    reader: Reader,
) -> None:
    texts = [f"tekst {number}" for number in range(50)]

    with services.redis() as url, hearing(url):
        another_process_tells(url, *texts)

        assert reader.gets(*texts)


def test_process_that_ends_at_once_has_told_everything(reader: Reader) -> None:
    with services.redis() as url, hearing(url):
        another_process_tells(url, "van een opdracht")

        assert reader.gets("van een opdracht")


def test_text_that_no_process_of_this_room_signed_reaches_nobody(
    reader: Reader,
) -> None:
    forged = json.dumps({"from": "x", "topic": TOPIC, "text": "<script>"})

    with services.redis() as url, hearing(url):
        with Redis.from_url(url) as client:
            client.publish(relaying.CHANNEL, forged)
            client.publish(relaying.CHANNEL, b"\xff\xfe")
        another_process_tells(url, "van een andere kamer", secret="x" * 60)
        another_process_tells(url, "van ons")

        assert reader.gets("van ons")


def test_own_text_reaches_a_reader_once(reader: Reader) -> None:
    with services.redis() as url, hearing(url):
        teller = relaying.Teller(url)
        teller.start()
        teller.tell(TOPIC, "van hier")
        hub.publish(TOPIC, "van hier")
        teller.finish()
        another_process_tells(url, "van daar")

        assert reader.gets("van hier", "van daar")


def test_redis_that_comes_back_empty_is_heard_again(reader: Reader, port: int) -> None:
    with ExitStack() as stack:
        with services.redis(port=port) as url:
            stack.enter_context(hearing(url))
            another_process_tells(url, "ervoor")
            assert reader.gets("ervoor")

        stack.enter_context(services.redis(port=port))
        is_heard(url)
        another_process_tells(url, "erna")

        assert reader.gets("ervoor", "erna")


def test_nobody_waits_for_a_redis_that_does_not_answer(port: int) -> None:
    teller = relaying.Teller(f"redis://{services.HOST}:{port}/0")
    teller.start()

    def tell_a_lot() -> None:
        for _each in range(2 * relaying.MOST_WAITING):
            teller.tell(TOPIC, "tekst")

    telling = threading.Thread(target=tell_a_lot)
    telling.start()
    telling.join(PATIENCE)

    assert not telling.is_alive()


def counters(url: str) -> RedisOrMemory:
    timeouts = {"socket_connect_timeout": 1, "socket_timeout": 1}
    return RedisOrMemory(url, {"OPTIONS": timeouts})


def test_counters_go_on_in_memory_while_redis_is_away_and_come_back(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directeurskamer.cache.AWAY_SECONDS", 0)
    with services.redis(port=port) as url:
        cache = counters(url)
        cache.add("teller", 0)
        assert cache.incr("teller") == 1

    cache.add("teller", 0)
    assert [cache.incr("teller"), cache.incr("teller")] == [1, 2]
    assert cache.get("niets", "anders") == "anders"

    with services.redis(port=port):
        cache.add("teller", 10)
        assert cache.incr("teller") == 11


def test_request_waits_once_for_a_redis_that_hangs() -> None:
    with services.redis() as url:
        cache = counters(url)
        cache.add("teller", 0)
        with Redis.from_url(url) as client:
            process = int(client.info("server")["process_id"])
        os.kill(process, signal.SIGSTOP)
        try:
            # The signal may need a moment.
            while not cache.away_until:
                cache.add("teller", 0)
            until = cache.away_until
            for _each in range(50):
                cache.incr("teller")
        finally:
            os.kill(process, signal.SIGCONT)

    # Had one of them asked Redis, it would be away for longer.
    assert cache.away_until == until


def test_what_is_told_is_a_text_and_where_it_belongs() -> None:
    with services.redis() as url, Redis.from_url(url) as client:
        heard: Any = client.pubsub()
        heard.subscribe(relaying.CHANNEL)
        another_process_tells(url, "tekst")
        told = ""
        deadline = time.monotonic() + PATIENCE
        while "tekst" not in told and time.monotonic() < deadline:
            message = heard.get_message(ignore_subscribe_messages=True, timeout=1)
            told = message["data"].decode() if message else ""
        heard.close()

    content = json.loads(told.rsplit(":", 1)[0])
    assert set(content) == {"from", "topic", "text"}
    assert (content["topic"], content["text"]) == ([*TOPIC], "tekst")
