"""The real room for the browser: `serve` in a process of its own, and Chromium."""

from __future__ import annotations

import email
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import policy
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    StorageState,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError

from tests import services

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "kamer-voor-twijfel"  # noqa: S105 - the demo's, known to everybody
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60


class Room:
    """A running room with the demo's people, its database and its mail."""

    def __init__(self, folder: Path) -> None:
        self.port = services.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = folder / "room.sqlite3"
        self.mail = folder / "mail"
        self.log = folder / "log"
        self.sessions: dict[str, StorageState] = {}
        kept = {
            name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ
        }
        self.environment = {
            **kept,
            "DK_DEMO": "1",
            "DK_SECRET_KEY": "only-for-tests-" * 5,
            "DK_ALIAS_KEYS": "A" * 43,
            "DK_ORIGIN": self.url,
            "DK_DATABASE_URL": f"sqlite:///{self.database}",
            "DK_TOMBSTONES": str(folder / "tombstones"),
            "DK_EMAIL_URL": f"file://{self.mail}",
            "DJANGO_SETTINGS_MODULE": "directeurskamer.settings",
        }

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                with urlopen(f"{self.url}/healthz/", timeout=1):  # noqa: S310 - ours
                    return
            except OSError:
                time.sleep(0.1)
        self._process.kill()
        self._process.wait()
        pytest.fail(f"The room did not open: {self.log.read_text()}")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(30) == 0

    def kill(self) -> None:
        """As when the power goes."""
        self._process.kill()
        self._process.wait(10)

    def manage(self, *words: str) -> str:
        """What a command prints."""
        return self.python("-m", "manage", *words)

    def python(self, *words: str) -> str:
        ran = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def ask(self, sql: str, *values: str) -> list[tuple[str, ...]]:
        with sqlite3.connect(self.database) as connection:
            return connection.execute(sql, values).fetchall()

    def mails(self) -> list[tuple[str, str]]:
        """Every mail so far: to whom, and the whole text with its headers."""
        found = []
        for file in sorted(self.mail.glob("*.log")):
            for raw in re.split(r"\n-{79}\n", file.read_text()):
                if raw.strip():
                    message = email.message_from_string(raw, policy=policy.default)
                    parts = [
                        part.get_content()
                        for part in message.walk()
                        if part.get_content_maintype() == "text"
                    ]
                    headers = "\n".join(f"{k}: {v}" for k, v in message.items())
                    found.append((str(message["To"]), "\n".join([headers, *parts])))
        return found

    def wait_for_mail(self, to: str) -> str:
        """The newest mail to ``to``, when the worker has sent it."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if words := [words for address, words in self.mails() if address == to]:
                return words[-1]
            time.sleep(0.2)
        pytest.fail(f"No mail came to {to}.")


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    room = Room(tmp_path_factory.mktemp("room"))
    room.start()
    yield room
    room.stop()


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium_path), args=FLAGS
        )
        yield browser
        browser.close()


class Person:
    """Somebody at a screen, and everything that screen ever received."""

    def __init__(self, context: BrowserContext, room: Room) -> None:
        self.context = context
        self.room = room
        self.received: list[str] = []
        self.faults: list[str] = []
        self.loses_connection = False
        context.on("request", lambda request: self._look_at_address(request.url))
        context.on("dialog", self._dismiss)
        self.page = self.open()

    def open(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._console)
        page.on("load", self._loaded)
        return page

    def _loaded(self, page: Page) -> None:
        # A page that is being left already tells nothing any more.
        with suppress(PlaywrightError):
            self.received.append(page.content())

    def _console(self, message: ConsoleMessage) -> None:
        # An answer with a status of 400 and more is told here too; pages expect some.
        is_expected = "Failed to load" in message.text or (
            self.loses_connection and "WebSocket connection to" in message.text
        )
        if message.type == "error" and not is_expected:
            self.faults.append(message.text)

    def _look_at_address(self, url: str) -> None:
        """No page asks another origin for anything."""
        if not url.startswith(f"{self.room.url}/"):
            self.faults.append(f"Asked for {url}")

    def _dismiss(self, dialog: Dialog) -> None:
        self.faults.append(f"A dialog: {dialog.message}")
        dialog.dismiss()

    def _frame(self, frame: str | bytes) -> None:
        self.received.append(frame if isinstance(frame, str) else frame.decode())

    def go(self, path: str) -> Page:
        self.page.goto(self.room.url + path)
        return self.page

    def sign_in(self, address: str) -> None:
        self.go("/accounts/login/")
        self.page.fill("input[name=login]", address)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.locator("main form").get_by_role("button").first.click()
        self.page.wait_for_url(lambda url: "/accounts/login/" not in url)


@contextmanager
def company(browser: Browser, room: Room) -> Iterator[Callable[..., Person]]:
    """Opens a browser of one's own for an address; "" stays a visitor.

    Who signed in before has their key still, unless `afresh` is asked. At the end no
    page may have told a fault, opened a dialog or asked another origin for anything.
    """
    people: list[Person] = []

    def come_in(address: str = "", *, afresh: bool = False, **options: Any) -> Person:
        options.setdefault("viewport", {"width": 390, "height": 844})
        known = None if afresh else room.sessions.get(address)
        person = Person(browser.new_context(storage_state=known, **options), room)
        people.append(person)
        if address and known is None:
            person.sign_in(address)
            if not afresh:
                room.sessions[address] = person.context.storage_state()
        elif address:
            person.go("/")
        return person

    yield come_in
    faults = [fault for person in people for fault in person.faults]
    for person in people:
        person.context.close()
    assert not faults


@pytest.fixture
def come_in(browser: Browser, room: Room) -> Iterator[Callable[..., Person]]:
    with company(browser, room) as come_in:
        yield come_in
