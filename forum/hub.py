"""The sockets of this process, by what they follow; one text goes to all of them.

Fed after commit from any thread. No group per client, no rendering and no database
work per socket; a reader who does not keep up is dropped and catches up later.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary

Key = TypeVar("Key")
Topic = tuple[str, str, str]  # kind, id, language

MOST_PER_MEMBER = 12
# So many seats get a text before the loop may do something else: the answer to whoever
# caused the change does not wait for thousands of readers.
SLICE = 100


class Seat(Protocol):
    """A socket that follows a topic."""

    loop: asyncio.AbstractEventLoop
    member_id: str
    session_key: str

    def deliver(self, text: str) -> None: ...

    def end(self) -> None: ...


_lock = threading.Lock()
_by_topic: dict[Topic, set[Seat]] = defaultdict(set)
_by_member: dict[str, set[Seat]] = defaultdict(set)
# What each loop still has to hand out, in order of publishing; used in that loop only.
_lines: WeakKeyDictionary[
    asyncio.AbstractEventLoop, deque[tuple[Iterator[Seat], str]]
] = WeakKeyDictionary()


def join(topic: Topic, seat: Seat) -> bool:
    """Let ``seat`` follow ``topic`` from now on; false when the member has too many."""
    with _lock:
        if len(_by_member.get(seat.member_id, ())) >= MOST_PER_MEMBER:
            return False
        _by_topic[topic].add(seat)
        _by_member[seat.member_id].add(seat)
        return True


def leave(topic: Topic, seat: Seat) -> None:
    """Take ``seat`` away; a seat that is not there is no error."""
    with _lock:
        _take(_by_topic, topic, seat)
        _take(_by_member, seat.member_id, seat)


def _take(kept: dict[Key, set[Seat]], key: Key, seat: Seat) -> None:
    seats = kept.get(key)
    if seats is None:
        return
    seats.discard(seat)
    if not seats:
        del kept[key]


def topics() -> list[Topic]:
    """What is followed now."""
    with _lock:
        return list(_by_topic)


def seats() -> list[Seat]:
    """Everybody who follows anything."""
    with _lock:
        return [seat for taken in _by_topic.values() for seat in taken]


def publish(topic: Topic, text: str) -> None:
    """Hand ``text`` to everybody who follows ``topic``; returns at once.

    Texts reach a seat in the order in which they were published.
    """
    with _lock:
        followers = list(_by_topic.get(topic, ()))
    _in_their_loops(followers, lambda loop, group: _stand_in_line(loop, group, text))


def end_access(member_id: str, session_key: str | None = None) -> None:
    """Close the sockets of a member, or of one of their sessions, before all else."""
    with _lock:
        gone = [
            seat
            for seat in _by_member.get(member_id, ())
            if session_key is None or seat.session_key == session_key
        ]
    _in_their_loops(gone, _end_all)


def _in_their_loops(
    receivers: Iterable[Seat],
    act: Callable[[asyncio.AbstractEventLoop, list[Seat]], None],
) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Seat]] = defaultdict(list)
    for seat in receivers:
        by_loop[seat.loop].append(seat)
    for loop, group in by_loop.items():
        # A loop that was closed has no readers any more. The change stands all the
        # same, so this must not fail the request that made it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(act, loop, group)


def _end_all(_loop: asyncio.AbstractEventLoop, group: list[Seat]) -> None:
    for seat in group:
        seat.end()


def _stand_in_line(
    loop: asyncio.AbstractEventLoop, group: list[Seat], text: str
) -> None:
    line = _lines.setdefault(loop, deque())
    line.append((iter(group), text))
    if len(line) == 1:
        _hand_out(loop)


def _hand_out(loop: asyncio.AbstractEventLoop) -> None:
    line = _lines[loop]
    waiting, text = line[0]
    slice_ = list(islice(waiting, SLICE))
    for seat in slice_:
        # One reader's fault must not hold up the line of all others.
        with suppress(Exception):
            seat.deliver(text)
    if len(slice_) < SLICE:
        line.popleft()
    if line:
        loop.call_soon(_hand_out, loop)
