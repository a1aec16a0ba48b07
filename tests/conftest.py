"""What holds for every test: the network stays on this machine, asynchronous tests
roll nothing back that they cannot, and a missing service is named.
"""

from __future__ import annotations

import inspect
import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.db import connections

from tests import services

T = TypeVar("T")

# People, in tests/people.py.
pytest_plugins = ["tests.people"] if find_spec("tests.people") else []


def _is_local(host: object) -> bool:
    if isinstance(host, bytes | bytearray):
        host = host.decode(errors="replace")
    # The machine's own name: who speaks SMTP looks it up to introduce itself.
    if host in (None, "", "localhost", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _keep_to_loopback(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: unlike a patched method it also sees sockets made elsewhere."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_local(address[0]):
            raise RuntimeError(f"A test tried to reach {address[0]}.")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not _is_local(
        arguments[0]
    ):
        raise RuntimeError(f"A test tried to look up {arguments[0]!r}.")


def pytest_configure() -> None:
    sys.addaudithook(_keep_to_loopback)


def _leaks(item: pytest.Item) -> bool:
    """An asynchronous test writes over another thread's connection, outside the
    transaction that would be rolled back: its rows would stay for the next test.
    """
    if not isinstance(item, pytest.Function):
        return False
    if not inspect.iscoroutinefunction(item.function) or item.cls is not None:
        return False
    marker = item.get_closest_marker("django_db")
    uses_database = marker is not None or "db" in item.fixturenames
    is_safe = "transactional_db" in item.fixturenames or (
        marker is not None and marker.kwargs.get("transaction") is True
    )
    return uses_database and not is_safe


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if leaking := [item.nodeid for item in items if _leaks(item)]:
        raise pytest.UsageError(
            "Asynchronous tests need django_db(transaction=True): " + ", ".join(leaking)
        )
    on_postgres = os.environ.get("TEST_DATABASE") == "postgresql"
    for item in items:
        if not on_postgres and item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip("runs with TEST_DATABASE=postgresql"))
        if on_postgres and item.get_closest_marker("sqlite"):
            item.add_marker(pytest.mark.skip("runs on SQLite"))


@pytest.fixture(autouse=True)
def _no_connection_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Synchronous code below an asynchronous test runs in one thread that stays: its
    open connection would keep PostgreSQL from dropping the test database.
    """
    is_asynchronous = inspect.iscoroutinefunction(request.function)
    yield
    if is_asynchronous:
        SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture(scope="session", autouse=True)
def _tombstones_apart(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What `purge` keeps outside the database goes with the test run."""
    settings.TOMBSTONES = tmp_path_factory.mktemp("outside") / "tombstones"


def _missing(reason: services.MissingServiceError) -> None:
    if os.environ.get("CI"):
        pytest.fail(str(reason))
    pytest.skip(str(reason))


def _provided(service: AbstractContextManager[T]) -> Iterator[T]:
    try:
        running = service.__enter__()
    except services.MissingServiceError as reason:
        _missing(reason)
        return
    try:
        yield running
    finally:
        service.__exit__(None, None, None)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    yield from _provided(services.redis())


@pytest.fixture
def mailbox() -> Iterator[services.Mailbox]:
    with services.smtp() as running:
        yield running


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    try:
        return services.chromium()
    except services.MissingServiceError as reason:
        _missing(reason)
        raise
