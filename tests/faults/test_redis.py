"""Two web processes on one PostgreSQL and one Redis, which is paused, ended and emptied."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from redis import Redis
from websockets.sync.client import ClientConnection, connect

from tests import services
from tests.faults.rooms import Room
from tests.services import HOST, PATIENCE

pytestmark = pytest.mark.long

# A heartbeat comes every twenty seconds.
HEALED = 30


class Pair:
    """Two processes of one room: words are said in one and read in the other."""

    def __init__(self, folder: Path, redis_port: int) -> None:
        self.redis_port = redis_port
        self.url = f"redis://{HOST}:{redis_port}/0"
        self.folder = folder
        self._words = ["recognise", "feel"]

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as stack:
            database = stack.enter_context(services.postgres()).url
            variables = {"DK_DATABASE_URL": database, "DK_REDIS_URL": self.url}
            rooms = []
            for name, options in (("one", ()), ("two", ("--no-worker",))):
                folder = self.folder / name
                folder.mkdir()
                rooms.append(Room(folder, **variables))
                stack.enter_context(rooms[-1].running(*options))
            self.writing, self.reading = rooms
            self.cookie = self.writing.sign_in()
            _status, _cookies, page = self.writing.ask("GET", "/", Cookie=self.cookie)
            found = re.search(r'href="(/dilemmas/[a-z0-9]{20}/)"', page)
            assert found
            self.thread = found[1]
            yield

    @contextmanager
    def listen(self) -> Iterator[ClientConnection]:
        """A socket at the second process, after its first frame."""
        path = f"/ws{self.thread}?after=0&lang=nl"
        with connect(
            f"ws://{HOST}:{self.reading.port}{path}",
            origin=self.reading.origin,
            additional_headers={"Cookie": self.cookie},
            compression=None,
        ) as socket:
            self.number = json.loads(socket.recv(PATIENCE))["number"]
            yield socket

    def speak(self) -> None:
        """Say a word about the dilemma at the first process: a change for everybody."""
        _status, cookies, page = self.writing.ask(
            "GET", self.thread, Cookie=self.cookie
        )
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        post = re.search(r'id="post-([a-z0-9]{20})"', page)
        assert token
        assert post
        word = self._words.pop()
        self._words.insert(0, word)
        status, _cookies, _page = self.writing.ask(
            "POST",
            f"/posts/{post[1]}/reaction/",
            urlencode({"word": word, "csrfmiddlewaretoken": token[1]}),
            Cookie=f"{self.cookie}; csrftoken={cookies['csrftoken'].value}",
            Origin=self.writing.origin,
            **{"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert status == 302

    def caught_up(self) -> dict[str, Any]:
        """What the page of the second process asks for when it is behind."""
        _status, _cookies, told = self.reading.ask(
            "GET", f"{self.thread}changes/?after={self.number}", Cookie=self.cookie
        )
        found: dict[str, Any] = json.loads(told)
        return found


def next_change(socket: ClientConnection, after: int, timeout: float) -> dict[str, Any]:
    """The next frame that tells of a change beyond ``after``."""
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout))
        if frame["number"] > after:
            return frame


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path, services.free_port())


def test_text_goes_from_one_process_to_readers_of_the_other(pair: Pair) -> None:
    with (
        services.redis(port=pair.redis_port),
        pair.running(),
        pair.listen() as socket,
    ):
        pair.speak()
        # Long before a heartbeat would tell the number.
        frame = next_change(socket, pair.number, timeout=8)

        assert frame == pair.caught_up()
        assert frame["parts"]


def test_posting_goes_on_and_readers_heal_while_redis_hangs(pair: Pair) -> None:
    with (
        services.redis(port=pair.redis_port),
        pair.running(),
        pair.listen() as socket,
        Redis.from_url(pair.url) as client,
    ):
        process = int(client.info("server")["process_id"])
        os.kill(process, signal.SIGSTOP)
        try:
            pair.speak()
            beat = next_change(socket, pair.number, timeout=HEALED)
            assert beat["type"] == "heartbeat"
            healed = pair.caught_up()
            assert healed["number"] == beat["number"]
            assert healed["parts"]
        finally:
            os.kill(process, signal.SIGCONT)
        pair.speak()
        next_change(socket, beat["number"], timeout=HEALED)


def test_redis_that_ends_and_comes_back_empty_is_found_again(pair: Pair) -> None:
    with ExitStack() as stack:
        first = ExitStack()
        first.enter_context(services.redis(port=pair.redis_port))
        stack.enter_context(pair.running())
        socket = stack.enter_context(pair.listen())
        first.close()
        pair.speak()
        beat = next_change(socket, pair.number, timeout=HEALED)
        assert beat["type"] == "heartbeat"

        stack.enter_context(services.redis(port=pair.redis_port))
        number = beat["number"]
        # Each process comes back to it by itself, within a few seconds.
        for _try in range(5):
            pair.speak()
            frame = next_change(socket, number, timeout=HEALED)
            number = frame["number"]
            if frame["type"] == "thread.changed":
                break
        assert frame["type"] == "thread.changed"
