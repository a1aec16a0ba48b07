"""Real PostgreSQL, Redis, SMTP and Chromium for the tests, on loopback only.

Uses the programs as Debian installs them and stops what it started. Which test needs
what, and what a missing program means, is decided in conftest.py.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds for a service to answer; a loaded machine needs a few


class MissingServiceError(RuntimeError):
    """A program is not installed; the message names the Debian package."""


def free_port() -> int:
    """A loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(
        prefix="dk-test-", ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


class Postgres:
    """A PostgreSQL server with an empty cluster that can be stopped and restarted."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"postgresql://postgres@{HOST}:{self.port}/postgres"
        self._folder = folder
        self._programs = _postgres_programs()
        # PostgreSQL refuses to run as root; Debian's package made this account.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user, self._user)
        self._run(
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
            "--username=postgres",
        )

    def start(self) -> None:
        """Returns when the server takes connections."""
        options = {
            # It comes by the clock, and moves rows in one of two worlds and not in the other.
            "autovacuum": "off",
            "fsync": "off",  # the data need not outlive the machine
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": "",
        }
        self._run(
            "pg_ctl",
            "start",
            "--wait",
            f"--log={self._folder / 'log'}",
            f"--timeout={PATIENCE:.0f}",
            "--options=" + " ".join(f"-c {k}='{v}'" for k, v in options.items()),
        )

    def stop(self, *, mode: str = "fast") -> None:
        """Mode `immediate` is a crash: no checkpoint, connections simply end."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def is_running(self) -> bool:
        return (self._folder / "data" / "postmaster.pid").exists()

    def _run(self, program: str, *arguments: str) -> None:
        command = [
            str(self._programs / program),
            *arguments,
            f"--pgdata={self._folder / 'data'}",
        ]
        # Not a pipe: the server inherits it, and reading it would wait for its end.
        output = self._folder / "output"
        with output.open("w") as sink:
            code = subprocess.call(
                command,
                cwd=self._folder,
                stdout=sink,
                stderr=subprocess.STDOUT,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else [],
            )
        if code:
            log = self._folder / "log"
            details = log.read_text() if log.exists() else ""
            raise RuntimeError(f"{program} failed.\n{output.read_text()}{details}")


def _postgres_programs() -> Path:
    """The folder of the newest installed version; Debian keeps it off the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))],
    )
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise MissingServiceError("PostgreSQL is missing: install the package postgresql.")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL of its own, gone with all its data at the end."""
    with _scratch() as folder:
        server = Postgres(folder)
        server.start()
        try:
            yield server
        finally:
            if server.is_running():
                server.stop(mode="immediate")


def shared_postgres_url() -> str:
    """The server of this test run: TEST_POSTGRES_URL, or one that is started once.

    Child processes find it in their environment; it stops when this process ends.
    """
    if url := os.environ.get("TEST_POSTGRES_URL"):
        return url
    stack = ExitStack()
    url = stack.enter_context(postgres()).url
    atexit.register(stack.close)
    os.environ["TEST_POSTGRES_URL"] = url
    return url


@contextmanager
def redis(*, port: int | None = None) -> Iterator[str]:
    """A running Redis that keeps nothing; yields its URL.

    With a port, a test can take one down and put an empty one in its place.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise MissingServiceError("Redis is missing: install the package redis-server.")
    port = port or free_port()
    with _scratch() as folder, (folder / "log").open("w") as log:
        command = [program, "--port", str(port), "--bind", HOST, "--dir", str(folder)]
        process = subprocess.Popen(
            [*command, "--save", "", "--appendonly", "no"], stdout=log, stderr=log
        )
        try:
            _wait_for_port(port, process)
            yield f"redis://{HOST}:{port}/0"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"Nothing answers on port {port}.")


@dataclass
class Received:
    """One mail as the server saw it: envelope addresses beside the message."""

    sender: str
    recipients: list[str]
    message: EmailMessage


@dataclass
class Mailbox:
    """A real SMTP server's post. Set `answer` to refuse or defer what comes next."""

    port: int
    answer: str = "250 OK"
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"

    async def handle_DATA(
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Called by aiosmtpd, which prescribes the name, in its own thread."""
        if self.answer.startswith("250"):
            content = envelope.content
            message = message_from_bytes(
                content if isinstance(content, bytes) else b"", policy=policy.default
            )
            self.received.append(
                Received(envelope.mail_from or "", envelope.rcpt_tos, message)
            )
        return self.answer


@contextmanager
def smtp(*, port: int | None = None) -> Iterator[Mailbox]:
    """A running SMTP server that keeps what it receives."""
    mailbox = Mailbox(port or free_port())
    controller = Controller(mailbox, hostname=HOST, port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def chromium() -> Path:
    """The installed browser, for Playwright's executable_path."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    raise MissingServiceError("Chromium is missing: install the package chromium.")
