"""The web server, the background worker beside it, and what must hold before they start.

The worker is a thread of the web process, so that its changes reach the live hub.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import ipaddress
import logging
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from csp.constants import SELF
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as DaphneServer
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import close_old_connections, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts import outbox, tombstone_file
from directeurskamer import retention
from forum import delaying, digests, leaving, resting

log = logging.getLogger("kamer.worker")

MOST_DIGESTS = 200


def release_delayed() -> None:
    """What the command does, without its lines."""
    delaying.release_due(timezone.now())


def rest_threads() -> None:
    """What the command does, without its lines."""
    today = timezone.localdate()
    resting.ask_outcomes(today)
    resting.rest_quiet(today)


def send_digests() -> None:
    """Some digests at a time, so that other mail does not wait for all of them."""
    digests.run(most=MOST_DIGESTS)


def purge() -> None:
    """What the nightly command does, without its lines."""
    for _line in retention.purge():
        pass


# What the worker does: how many seconds after it was done before, and what.
JOBS: tuple[tuple[float, Callable[[], object]], ...] = (
    (2, outbox.send_waiting),
    # Before the digests: what appears now is told now.
    (60, release_delayed),
    (30, send_digests),
    (60, leaving.remove_due),
    (3600, rest_threads),
    (10, tombstone_file.keep_outside),
    (24 * 3600, purge),
)
PATIENCE_SECONDS = 3
# A socket of ours sends nothing, so this is room enough for a closing frame.
MOST_SOCKET_BYTES = 1024
SLOW_READER_PAUSE = 0.05


class NotReadyError(Exception):
    """The room cannot start; the message is one sentence for the operator."""


def check_host(host: str) -> None:
    """Refuse to open the demo to others: everybody knows its passwords."""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if settings.DEMO and not is_loopback:
        raise NotReadyError(
            f"The demo listens on this machine only: {host} is not a loopback address."
        )


def check_port(host: str, port: int) -> None:
    """Refuse a port that cannot be had, before anything else is done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except (OSError, OverflowError) as error:
            raise NotReadyError(_why_not(host, port, error)) from error


def _why_not(host: str, port: int, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken: stop the program that listens there, or choose "
            "another one with --port."
        )
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"Nothing can listen on {host}, port {port}: {reason}."


def check_folders() -> None:
    """Refuse a folder that cannot be written: database, tombstones or mail live there."""
    folders = [Path(settings.TOMBSTONES).parent]
    if settings.DEMO:
        folders += [Path(settings.VAR_DIR), Path(settings.MAIL_DIR)]
    if settings.IS_SQLITE:
        folders.append(Path(connection.settings_dict["NAME"]).parent)
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise NotReadyError(
                f"The folder {folder} cannot be written: {error.strerror}."
            ) from error


def move_origin(host: str, port: int) -> None:
    """Let the demo's own address follow where it listens, before Django is loaded."""
    settings.ORIGIN = (
        f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    )
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    directives["connect-src"] = [SELF, settings.ORIGIN.replace("http", "ws", 1)]


def has_pending_migrations() -> bool:
    """Whether the database is behind the code."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static() -> bool:
    """Collect the static files unless nothing changed; whether it was done.

    Rooms that start from the same files at once do it one after the other.
    """
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    folder = Path(settings.VAR_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "static.sum").open("a+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        mark.seek(0)
        found = _fingerprint()
        if manifest.exists() and mark.read() == found:
            return False
        mark.truncate(0)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        mark.write(found)
    return True


def _fingerprint() -> str:
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            changed = storage.get_modified_time(path).isoformat()
            digest.update(f"{path}\0{storage.size(path)}\0{changed}\n".encode())
    return digest.hexdigest()


class Worker(threading.Thread):
    """Does the jobs, each at its own pace, until it is told to stop.

    A job that fails is logged and tried again at its next turn: the database may be
    busy or away for a while.
    """

    def __init__(
        self, jobs: Iterable[tuple[float, Callable[[], object]]] = JOBS
    ) -> None:
        # A daemon: a mail server that does not answer must not hold up the end. What
        # was being sent is due again when its lease ends.
        super().__init__(name="worker", daemon=True)
        self.jobs = list(jobs)
        self._told_to_stop = threading.Event()

    def run(self) -> None:
        """Called by `start`."""
        due = [0.0] * len(self.jobs)
        pause = min((every for every, _job in self.jobs), default=1.0)
        while not self._told_to_stop.is_set():
            for number, (every, job) in enumerate(self.jobs):
                if time.monotonic() >= due[number] and not self._told_to_stop.is_set():
                    self._do(job)
                    due[number] = time.monotonic() + every
            self._told_to_stop.wait(pause)
        connections.close_all()

    def _do(self, job: Callable[[], object]) -> None:
        close_old_connections()
        try:
            job()
        except Exception as error:
            # Whatever it is, the next job and the next turn go on.
            log.warning("%s failed %s", job.__name__, type(error).__name__)
        finally:
            close_old_connections()

    def stop(self) -> None:
        """Let the job at hand finish, for a few seconds at most."""
        self._told_to_stop.set()
        self.join(PATIENCE_SECONDS)


class Server(DaphneServer):  # type: ignore[misc]  # Daphne ships no types
    """Daphne for many readers: a text is framed once, and a slow reader is felt.

    Daphne itself writes to a connection however much waits there; here sending waits
    until the reader has taken what was sent, so that the consumer can count it.
    """

    def __init__(self, application: Any, host: str, port: int) -> None:
        super().__init__(
            application,
            endpoints=build_endpoint_description_strings(host=host, port=port),
            http_timeout=60,
            request_buffer_size=64 * 1024,
            websocket_connect_timeout=10,
            websocket_max_message_size=MOST_SOCKET_BYTES,
            websocket_max_frame_size=MOST_SOCKET_BYTES,
            # Not told: what serves this.
            server_name="",
            verbosity=0,
        )
        self._framed: tuple[str, Any] = ("", None)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Called for everything that the application sends."""
        text = message.get("text")
        if message["type"] != "websocket.send" or text is None:
            await super().handle_reply(protocol, message)
            return
        while self._is_full(protocol):  # noqa: ASYNC110 - Twisted gives no event
            await asyncio.sleep(SLOW_READER_PAUSE)
        if self._is_connected(protocol) and protocol.state == protocol.STATE_OPEN:
            if self._framed[0] is not text:
                self._framed = (text, self.ws_factory.prepareMessage(text.encode()))
            protocol.sendPreparedMessage(self._framed[1])

    def _is_full(self, protocol: Any) -> bool:
        return self._is_connected(protocol) and protocol.transport.producerPaused

    def _is_connected(self, protocol: Any) -> bool:
        details = self.connections.get(protocol)
        return details is not None and not details.get("disconnected")

    def kill_all_applications(self) -> Any:
        """Called before the loop ends: nothing that runs in it is left half done."""
        for task in asyncio.all_tasks(asyncio.get_event_loop()):
            task.cancel()
        return super().kill_all_applications()
