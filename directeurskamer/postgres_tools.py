"""PostgreSQL's own programs, run on the configured database.

The password goes by the environment: a command line is readable by everybody.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO, cast

from django.core.management.base import CommandError
from django.db import connection

# What is told is then what went wrong.
QUIETLY = "SET client_min_messages = error;\n"


def run(name: str, *arguments: str) -> str:
    """What the program prints; raises CommandError with what it says first."""
    done = subprocess.run(  # noqa: S603 - words of ours and an operator's file name
        [find(name), *arguments],
        env=_environment(),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{name} failed: {_first_line(done.stderr)}")
    return done.stdout


def replay(archive: Path, *, before: str) -> None:
    """Run ``before`` and then all of ``archive`` in one transaction.

    It is committed by a last word of this process: whatever is killed before that
    leaves the database as it was. Raises CommandError with what was said first.
    """
    environment = _environment()
    command = [find("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    reading = [find("pg_restore"), "--no-owner", "--no-privileges", "--file=-"]
    with tempfile.TemporaryFile() as said:
        with (
            subprocess.Popen(  # noqa: S603 - words of ours
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
            ) as psql,
            subprocess.Popen(  # noqa: S603 - the same, and an operator's file name
                [*reading, str(archive)],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=said,
            ) as archived,
        ):
            told = cast("IO[bytes]", psql.stdin)
            try:
                told.write(f"{QUIETLY}BEGIN;\n{before}\n".encode())
                shutil.copyfileobj(cast("IO[bytes]", archived.stdout), told)
                if archived.wait() == 0:
                    told.write(b"\nCOMMIT;\n")
                told.close()
            except BrokenPipeError:
                archived.kill()
        if archived.returncode or psql.returncode:
            said.seek(0)
            words = said.read().decode(errors="replace")
            raise CommandError(f"The backup was not restored: {_first_line(words)}")


def _environment() -> dict[str, str]:
    given = connection.settings_dict
    _arguments, known = connection.client.settings_to_cmd_args_env(given, [])
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME"}
    told = {name: str(given[key]) for name, key in names.items() if given.get(key)}
    return {**os.environ, **told, **(known or {}), "LC_MESSAGES": "C"}


def find(name: str) -> str:
    """The program in the server's version, or in the newest one; Debian keeps all.

    Raises CommandError when there is none.
    """
    found = {
        int(path.parts[-3]): str(path)
        for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
        if path.parts[-3].isdecimal()
    }
    path = (
        found.get(connection.get_database_version()[0])
        or _newest(found)
        or shutil.which(name)
    )
    if path is None:
        raise CommandError(f"{name} is missing: install PostgreSQL's client programs.")
    return path


def _newest(found: dict[int, str]) -> str | None:
    return found[max(found)] if found else None


def _first_line(words: str) -> str:
    return next(iter(words.splitlines()), "it does not say why").strip()
