"""Backup files: made while people write, looked at, and laid out to be worked on.

SQLite: `VACUUM INTO`, never page by page and never the raw file, whose free pages and
log keep what was deleted. PostgreSQL: `pg_dump`. Neither holds a key.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from accounts import tidying
from accounts.tombstone_file import sync
from directeurskamer import occupancy, postgres_tools

# "DKAM": a file that `backup` wrote to its end.
APPLICATION_ID = 0x444B414D
SIDE_FILES = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Contents:
    """What a backup says about itself: its day, and the migrations it went through."""

    day: dt.date
    migrations: frozenset[tuple[str, str]]


def make(file: Path) -> None:
    """Write a backup to ``file``, complete or not at all, readable by its owner only.

    Nobody waits for it, but on PostgreSQL for the moment in which rows under a tag
    are put in order. Raises CommandError; what is there already stays as it is.
    """
    part = file.with_name(f"{file.name}.part")
    if file.exists():
        raise CommandError(f"{file} is there already: a backup overwrites nothing.")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise CommandError(
            f"{part} is there: another backup is at work, or was broken off."
        ) from None
    except OSError as error:
        raise CommandError(f"{part} cannot be written: {error.strerror}.") from None
    try:
        _write(part)
        look(part)
        sync(part)
        _name(part, file)
        sync(file.parent)
    finally:
        part.unlink(missing_ok=True)


def _write(part: Path) -> None:
    if not _is_sqlite():
        if occupancy.has_mark():
            raise CommandError("The database is half restored: run `restore` again.")
        # A dump keeps the order in which rows lie.
        tidying.order_by_key()
        postgres_tools.run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={part}",
        )
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(part)])
    with closing(sqlite3.connect(part)) as copy:
        # The file says when it was made: what is restored too late brings back what
        # nothing remembers any more.
        copy.execute(f"PRAGMA user_version = {timezone.localdate().toordinal()}")
        copy.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _name(part: Path, file: Path) -> None:
    """Give the finished file its name unless somebody was first."""
    try:
        os.link(part, file)
    except FileExistsError:
        raise CommandError(
            f"{file} is there already: a backup overwrites nothing."
        ) from None
    except OSError:
        # A disk without second names for a file.
        part.rename(file)


def look(file: Path) -> Contents:
    """What the backup says about itself; raises CommandError if it is not complete."""
    if not file.is_file():
        raise CommandError(f"{file} is no file that can be read.")
    if not _is_sqlite():
        postgres_tools.find("pg_restore")
    try:
        return _look_sqlite(file) if _is_sqlite() else _look_postgres(file)
    except (sqlite3.DatabaseError, ValueError, CommandError):
        kind = connection.display_name
        raise CommandError(
            f"{file} is no complete backup of a room on {kind}."
        ) from None


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def _look_sqlite(file: Path) -> Contents:
    address = f"{file.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as copy:
        (application_id,) = copy.execute("PRAGMA application_id").fetchone()
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
        if application_id != APPLICATION_ID or verdict != "ok":
            raise ValueError
        (day,) = copy.execute("PRAGMA user_version").fetchone()
        applied = copy.execute("SELECT app, name FROM django_migrations").fetchall()
    return Contents(dt.date.fromordinal(day), frozenset(applied))


def _look_postgres(file: Path) -> Contents:
    listed = postgres_tools.run("pg_restore", "--list", str(file))
    # Reads all of it: a file that was cut off ends in a failure.
    postgres_tools.run("pg_restore", "--file=/dev/null", str(file))
    made = re.search(r"Archive created at (\d{4}-\d\d-\d\d)", listed)
    if made is None:
        raise ValueError
    rows = postgres_tools.run(
        "pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(file)
    )
    table = re.search(r"(?ms)^COPY \S+ \((.*?)\) FROM stdin;\n(.*?)^\\\.$", rows)
    if table is None:
        raise ValueError
    names = table[1].split(", ")
    found = [
        dict(zip(names, r.split("\t"), strict=True)) for r in table[2].split("\n") if r
    ]
    return Contents(
        dt.date.fromisoformat(made[1]),
        frozenset((row["app"], row["name"]) for row in found),
    )


@contextmanager
def laid_out(file: Path) -> Iterator[None]:
    """The connection holds what is in the backup; at the end that is the database.

    On SQLite it is a file beside the database, which takes its place when all went
    well; until then the old one is where it was. On PostgreSQL it is the database
    itself, marked as half restored: nobody can serve it when this ends early.
    """
    if _is_sqlite():
        with _beside(file):
            yield
        return
    quote = connection.ops.quote_name
    tables = ", ".join(
        quote(name)
        for name in connection.introspection.table_names()
        if name != occupancy.MARK
    )
    connection.close()
    drop = f"DROP TABLE {tables} CASCADE;" if tables else ""
    postgres_tools.replay(file, before=f"{drop}\n{occupancy.REPLACED}")
    yield
    occupancy.unmark()


@contextmanager
def _beside(file: Path) -> Iterator[None]:
    place = Path(connection.settings_dict["NAME"])
    new = place.with_name(f"{place.name}-restoring")
    for tail in ("", *SIDE_FILES):
        Path(f"{new}{tail}").unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copyfile(file, new)
    connection.close()
    connection.settings_dict["NAME"] = str(new)
    try:
        with connection.cursor() as cursor:
            # From here on it is a database and no backup.
            cursor.execute("PRAGMA application_id = 0")
            cursor.execute("PRAGMA user_version = 0")
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(place)
    sync(new)
    if place.exists():
        _keep(place)
    new.replace(place)
    sync(place.parent)


def _keep(place: Path) -> None:
    """Give the database that is replaced a second name: its first is never missing.

    Its log goes into it or along with it. Left behind, it would be read as a part of
    the new one.
    """
    try:
        with closing(sqlite3.connect(place)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError:
        pass  # It is kept as broken as it is.
    kept = kept_name(place)
    for tail in SIDE_FILES:
        if Path(f"{place}{tail}").exists():
            Path(f"{place}{tail}").rename(f"{kept}{tail}")
    try:
        os.link(place, kept)
    except OSError:
        shutil.copy2(place, kept)


def kept_name(place: Path) -> Path:
    """A name for the replaced database that nothing has yet."""
    kept = place.with_name(f"{place.name}.before-restore")
    number = 1
    while kept.exists():
        number += 1
        kept = place.with_name(f"{place.name}.before-restore-{number}")
    return kept
