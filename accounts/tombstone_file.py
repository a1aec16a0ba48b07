"""Tombstones outside the database, which may be lost together with its own.

One line each, as sealed as the row: its key, a space, the rest as base64url. A line
that a crash tore is no line, and is written again while the database has its row.
"""

from __future__ import annotations

import base64
import fcntl
import os
import re
import secrets as random_source
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from accounts import readiness, tombstones

SEALED_LETTERS = tombstones.SEALED_BYTES * 4 // 3
LINE = re.compile(rb"([0-9a-f]{32}) ([A-Za-z0-9_-]{%d})" % SEALED_LETTERS)


def read() -> dict[str, bytes]:
    """Every tombstone of the file, sealed, by its key; none when there is no file."""
    try:
        content = _file().read_bytes()
    except FileNotFoundError:
        return {}
    lines = map(LINE.fullmatch, content.split(b"\n"))
    return {
        line[1].decode(): base64.urlsafe_b64decode(line[2]) for line in lines if line
    }


def keep_outside() -> int:
    """Append the rows that the file does not have; returns how many.

    They are on the disk when this returns. Safe to run twice and at once. Raises
    OSError when the file cannot be written.
    """
    with _locked():
        kept = read()
        new = {key: row for key, row in tombstones.rows().items() if key not in kept}
        if new:
            _append(new)
    return len(new)


def renew() -> int:
    """Drop the lines whose time is over, and lay down the others in the order of keys.

    Returns how many went; none without a key ring. Raises OSError as above.
    """
    if not readiness.is_ready() or not _file().exists():
        return 0
    with _locked():
        kept = read()
        renewed = {key: tombstones.renewed(key, row) for key, row in kept.items()}
        left = {key: row for key, row in renewed.items() if row is not None}
        fresh = _file().with_name(f"{_file().name}.{random_source.token_hex(4)}")
        try:
            with _opened(fresh) as number:
                _write(number, _lines(left))
            fresh.replace(_file())
            sync(_file().parent)
        finally:
            fresh.unlink(missing_ok=True)
    return len(kept) - len(left)


def _append(new: dict[str, bytes]) -> None:
    is_new = not _file().exists()
    with _opened(_file()) as number:
        # A torn line before this ends here.
        size = os.fstat(number).st_size
        is_torn = size and os.pread(number, 1, size - 1) != b"\n"
        _write(number, (b"\n" if is_torn else b"") + _lines(new))
    if is_new:
        sync(_file().parent)


def _lines(kept: dict[str, bytes]) -> bytes:
    """In the order of the random keys: that of a batch tells nothing."""
    return b"".join(
        key.encode() + b" " + base64.urlsafe_b64encode(kept[key]) + b"\n"
        for key in sorted(kept)
    )


def _file() -> Path:
    return Path(settings.TOMBSTONES)


@contextmanager
def _locked() -> Iterator[None]:
    """One writer at a time; the file itself may be replaced by the one before."""
    _file().parent.mkdir(parents=True, exist_ok=True)
    with _opened(_file().with_name(f"{_file().name}.lock")) as number:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    number = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield number
    finally:
        os.close(number)


def _write(number: int, content: bytes) -> None:
    while content:
        content = content[os.write(number, content) :]
    os.fsync(number)


def sync(path: Path) -> None:
    """Wait until the file or folder is on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
