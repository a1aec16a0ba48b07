"""The sockets of this process, by what they follow; one text goes to all of them.

Fed after commit from any thread. No group per client, no rendering and no database
work per socket; a reader who does not keep up is dropped and catches up later.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

Topic = tuple[str, str, str]  # kind, id, language


class Seat(Protocol):
    """A socket that follows a topic."""

    loop: asyncio.AbstractEventLoop
    member_id: str
    session_key: str

    def deliver(self, text: str) -> None: ...

    def end(self) -> None: ...


_lock = threading.Lock()
_seats: dict[Topic, set[Seat]] = defaultdict(set)


def join(topic: Topic, seat: Seat) -> None:
    """Let ``seat`` follow ``topic`` from now on."""
    with _lock:
        _seats[topic].add(seat)


def leave(topic: Topic, seat: Seat) -> None:
    """Take ``seat`` away; a seat that is not there is no error."""
    with _lock:
        _seats[topic].discard(seat)
        if not _seats[topic]:
            del _seats[topic]


def topics() -> list[Topic]:
    """What is followed now."""
    with _lock:
        return list(_seats)


def seats(topic: Topic | None = None) -> list[Seat]:
    """Who follows ``topic``, or anything."""
    with _lock:
        if topic is not None:
            return list(_seats.get(topic, ()))
        return [seat for taken in _seats.values() for seat in taken]


def publish(topic: Topic, text: str) -> None:
    """Hand ``text`` to everybody who follows ``topic``; returns at once."""
    _in_their_loop(seats(topic), lambda seat: seat.deliver(text))


def end_access(member_id: str, session_key: str | None = None) -> None:
    """Close the sockets of a member, or of one of their sessions."""
    gone = [
        seat
        for seat in seats()
        if seat.member_id == member_id
        and (session_key is None or seat.session_key == session_key)
    ]
    _in_their_loop(gone, lambda seat: seat.end())


def _in_their_loop(receivers: Iterable[Seat], act: _Act) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Seat]] = defaultdict(list)
    for seat in receivers:
        by_loop[seat.loop].append(seat)
    for loop, group in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_act_on_all, group, act)


class _Act(Protocol):
    def __call__(self, seat: Seat, /) -> None: ...


def _act_on_all(group: list[Seat], act: _Act) -> None:
    for seat in group:
        act(seat)
