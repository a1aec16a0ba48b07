"""A database of a test's own, which a backup may take the place of."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.services import PATIENCE

ROOT = Path(__file__).resolve().parent.parent


class OwnRoom:
    """The room in a database under ``folder`` (or beside the test database)."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.backup_file = folder / "backup"

    def backup(self, file: Path | None = None) -> Path:
        """A backup of the room as it is now."""
        file = file or self.backup_file
        told("backup", str(file))
        return file

    def restore(self, file: Path | None = None) -> str:
        """What the command says while it puts the backup back."""
        return told("restore", str(file or self.backup_file))

    def raw(self) -> bytes:
        """The bytes of an SQLite database and its log."""
        parts = [Path(self.name), Path(f"{self.name}-wal")]
        return b"".join(part.read_bytes() for part in parts if part.exists())

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Python in a process of its own, which finds this room."""
        connection.close()
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=4 * PATIENCE,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """What a process of its own needs to find this room."""
        if connection.vendor == "sqlite":
            url = f"sqlite:///{self.name}"
        else:
            url = re.sub(r"/[^/]*$", f"/{self.name}", os.environ["DK_DATABASE_URL"])
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "directeurskamer.settings",
            "DK_DEMO": "1",
            "DK_DATABASE_URL": url,
            "DK_TOMBSTONES": str(settings.TOMBSTONES),
        }


def told(command: str, *arguments: str) -> str:
    lines = StringIO()
    call_command(command, *arguments, stdout=lines)
    return lines.getvalue()


@contextmanager
def own_room(folder: Path) -> Iterator[OwnRoom]:
    """The connection leads to an empty copy of the test database meanwhile."""
    given: Any = connection.settings_dict
    before, outside = given["NAME"], settings.TOMBSTONES
    name = _copied(folder, str(before))
    connection.close()
    given["NAME"] = name
    settings.TOMBSTONES = folder / "outside" / "tombstones"
    try:
        yield OwnRoom(folder, name)
    finally:
        connection.close()
        given["NAME"], settings.TOMBSTONES = before, outside
        if connection.vendor != "sqlite":
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _copied(folder: Path, before: str) -> str:
    if connection.vendor == "sqlite":
        name = str(folder / "room.sqlite3")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [name])
        return name
    name = f"room_{secrets.token_hex(6)}"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {before}")
    return name
