"""Randomness that is replayed: the same draw in both worlds, whoever makes it.

Every draw belongs to a stream, named by the act during which it is made and by the
function that asks. A stream that one world draws from more often shifts no other one.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from unittest import mock

# What stands between the function that asks and the system's source.
BETWEEN = {"random", "secrets", "uuid", "django.utils.crypto", __name__}
# Functions that draw for whoever is behind an alias, a secret or when its texts go:
# their stream is that of the member's role.
OF_A_ROLE = {"accounts.secrets._new_secret", "forum.leaving._schedule"}


class Chance:
    """The system's random source of one world."""

    def __init__(self, roles: Mapping[str, str]) -> None:
        self._roles = roles
        self._label = "before"
        self._drawn: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def replayed(self) -> Iterator[None]:
        """Stand in for the system's source, under `secrets`, `uuid` and `random`."""
        before = random.getstate()
        with (
            mock.patch.object(os, "urandom", self._draw),
            # `random` keeps its own name for it, and `secrets` draws from there.
            mock.patch("random._urandom", self._draw),
        ):
            yield
        random.setstate(before)

    @contextmanager
    def during(self, label: str) -> Iterator[None]:
        """Draw from the streams of the act or look that ``label`` names."""
        before, self._label = self._label, label
        # Boundaries of mails come from the module's own generator.
        random.seed(label)
        try:
            yield
        finally:
            self._label = before

    def _draw(self, size: int) -> bytes:
        purpose = _who_asks(sys._getframe(1))
        label = self._label
        if purpose in OF_A_ROLE:
            label = self._roles.get(label, label)
        number = self._drawn[label, purpose]
        self._drawn[label, purpose] += 1
        return hashlib.shake_256(f"{label}|{purpose}|{number}".encode()).digest(size)


def _who_asks(frame: FrameType | None) -> str:
    while frame is not None and frame.f_globals.get("__name__") in BETWEEN:
        frame = frame.f_back
    if frame is None:
        return ""
    return f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}"
