"""The room is served, or a backup takes the place of its database: never both.

On SQLite a lock on a file beside the database tells, and ends with its process. On
PostgreSQL a restoring marks the database until it is done, and counts who is connected.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

# A table of its own; a row in it is written together with what is restored.
MARK = "restore_under_way"
REPLACED = f"INSERT INTO {MARK} VALUES (true);"  # noqa: S608 - a name of ours


class OccupiedError(Exception):
    """The database is in other hands; the message is one sentence for the operator."""


@contextmanager
def served() -> Iterator[None]:
    """Hold the database for serving; raises OccupiedError while one is restored."""
    if connection.vendor == "sqlite":
        with _lock(fcntl.LOCK_SH, "A backup is being restored: wait until it is done."):
            yield
        return
    if has_mark():
        raise OccupiedError(
            "A backup was restored in part: run `manage.py restore` again first."
        )
    yield


@contextmanager
def restored() -> Iterator[None]:
    """Hold the database for restoring; raises OccupiedError while it is served.

    On PostgreSQL the mark goes when this ends before anything was replaced. After that
    it stays until `unmark`, also when the process is killed.
    """
    if connection.vendor == "sqlite":
        with _lock(fcntl.LOCK_EX, "The room is being served: stop it first."):
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {MARK} (is_replaced boolean)")
    try:
        # After the mark: who serves connects first and then looks for it.
        _check_alone()
        yield
    except BaseException:
        if not is_replaced():
            unmark()
        raise


def _check_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        (others,) = cursor.fetchone()
    if others:
        raise OccupiedError(
            f"{others} other connections use this database: stop the room and its "
            "scheduled commands first."
        )


def is_replaced() -> bool:
    """Whether the marked database was replaced, and not made good since."""
    if not has_mark():
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {MARK}")  # noqa: S608 - a name of ours
        return bool(cursor.fetchone()[0])


def has_mark() -> bool:
    """Whether a restoring of this PostgreSQL database did not come to its end."""
    return MARK in connection.introspection.table_names()


def unmark() -> None:
    """The database may be served again."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {MARK}")


@contextmanager
def _lock(kind: int, refusal: str) -> Iterator[None]:
    place = Path(f"{connection.settings_dict['NAME']}-in-use")
    place.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(number, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(number)
        raise OccupiedError(refusal) from None
    try:
        yield
    finally:
        os.close(number)
