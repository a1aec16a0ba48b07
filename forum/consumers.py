"""Sockets that follow a thread or the room: prove access, catch up, forward.

Nothing is taken from the browser, nothing is written, and nothing depends on who
receives: one text goes to everybody who follows the same thing in one language.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error as DatabaseError
from django.utils import timezone

from accounts.models import Member
from forum import hub, live
from forum.models import Thread

log = logging.getLogger("kamer.live")

ENDED = 4403
NOT_ASKED = 4400
TOO_SLOW = 4408
MOST_WAITING = 64
# How often access is looked at, and how often numbers are told.
LOOK_SECONDS = 4
BEAT_SECONDS = 20


class LiveConsumer(AsyncWebsocketConsumer):
    """One socket, and its seat in the hub. A subclass says what it follows."""

    kind: str
    loop: asyncio.AbstractEventLoop
    member_id: str
    session_key: str
    password: int
    # Whether only moderators may follow it.
    is_for_moderators = False

    def __init__(self) -> None:
        super().__init__()
        self.topic: hub.Topic | None = None
        self._waiting: list[str] = []
        self._is_open = False
        self._has_ended = False
        self._writer: asyncio.Task[None] | None = None
        self._closer: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # However it ends, cancelled by the server too, the seat is free again.
            self._let_go()

    async def connect(self) -> None:
        """Join first, then read what changed: so nothing falls in between.

        What arrives meanwhile waits behind it. Whoever may not see this is refused
        before the handshake is answered, in the same way as an unknown address.
        """
        scope: Any = self.scope
        member: object = scope["user"]
        wish = _wish(scope["query_string"])
        if not isinstance(member, Member) or not member.is_admitted or wish is None:
            await self.close()
            return
        after, language = wish
        self.loop = asyncio.get_running_loop()
        self.member_id = member.pk
        self.session_key = scope["session_key"]
        self.password = hash(member.password)
        self.topic = (self.kind, self.topic_id(), language)
        if not hub.join(self.topic, self):
            await self.close()
            return
        frame = await database_sync_to_async(self.changes)(member, after, language)
        if frame is None or self._has_ended:
            await self.close()
            return
        await self.accept()
        self._is_open = True
        self._waiting.insert(0, live.frame_text(frame))
        self._write_on()
        _keep_beating()

    def topic_id(self) -> str:
        """The id of what is followed."""
        raise NotImplementedError

    def changes(self, member: Member, after: int, language: str) -> live.Frame | None:
        """What changed since; None when the member may not see it."""
        raise NotImplementedError

    @classmethod
    def numbers(cls, topic_ids: set[str]) -> dict[str, int]:
        """The change numbers as they are now, by id."""
        raise NotImplementedError

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None
    ) -> None:
        """Nothing is expected from the browser; whoever sends something is closed."""
        self.end(NOT_ASKED)

    def deliver(self, text: str) -> None:
        """Send ``text`` after what waits already; called in the loop, by the hub."""
        if self._has_ended:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.end(TOO_SLOW)
            return
        self._waiting.append(text)
        self._write_on()

    def end(self, code: int = ENDED) -> None:
        """Close, whatever still waits to be sent; a second call changes nothing."""
        if self._has_ended:
            return
        self._let_go()
        if self._is_open:
            self._closer = self.loop.create_task(self.close(code))

    def _let_go(self) -> None:
        self._has_ended = True
        self._waiting.clear()
        if self.topic is not None:
            hub.leave(self.topic, self)
        if self._writer is not None:
            self._writer.cancel()

    def _write_on(self) -> None:
        # A task while there is something to send: an idle socket costs no task.
        if self._is_open and self._writer is None and self._waiting:
            self._writer = self.loop.create_task(self._write())

    async def _write(self) -> None:
        while self._waiting:
            await self.send(text_data=self._waiting.pop(0))
        self._writer = None


class RoomConsumer(LiveConsumer):
    """Follows the list of threads."""

    kind = "room"

    def topic_id(self) -> str:
        """The room has one list."""
        return live.ROOM_ID

    def changes(self, member: Member, after: int, language: str) -> live.Frame:
        """The newest cards; every admitted member may see them."""
        return live.room_changes(after, language)

    @classmethod
    def numbers(cls, topic_ids: set[str]) -> dict[str, int]:
        """The number of the list."""
        return {live.ROOM_ID: live.room_number()}


class ThreadConsumer(LiveConsumer):
    """Follows one thread."""

    kind = "thread"

    def topic_id(self) -> str:
        """The id in the address."""
        thread_id: str = self.scope["url_route"]["kwargs"]["thread_id"]
        return thread_id

    def changes(self, member: Member, after: int, language: str) -> live.Frame | None:
        """The changed posts; None when the thread is not there for this member."""
        thread = Thread.objects.visible_to(member).filter(pk=self.topic_id()).first()
        if thread is None:
            return None
        return live.thread_changes(thread, after, language)

    @classmethod
    def numbers(cls, topic_ids: set[str]) -> dict[str, int]:
        """The numbers of those threads."""
        threads = Thread.objects.filter(pk__in=topic_ids)
        return dict(threads.values_list("pk", "change_number"))


def _wish(query: bytes) -> tuple[int, str] | None:
    """The change number and the language that the address asks for, if both fit."""
    asked = parse_qs(query.decode("ascii", "replace"))
    after = asked.get("after", [""])[0]
    language = asked.get("lang", [""])[0]
    if not (after.isascii() and after.isdigit() and len(after) < 18):
        return None
    return (int(after), language) if language in dict(settings.LANGUAGES) else None


_heart: asyncio.Task[None] | None = None


def _keep_beating() -> None:
    """See to it that this process has its one heartbeat while anybody listens."""
    global _heart
    loop = asyncio.get_running_loop()
    if _heart is None or _heart.done() or _heart.get_loop() is not loop:
        # In a context of its own: nothing of the socket that happened to start it.
        _heart = loop.create_task(_beat_on(), context=contextvars.Context())


async def _beat_on() -> None:
    told_at = time.monotonic()
    while hub.topics():
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await close_ended()
            if time.monotonic() - told_at >= BEAT_SECONDS:
                told_at = time.monotonic()
                await tell_numbers()
        except DatabaseError as error:
            # Readers notice the silence and come back; so does the database.
            log.warning("heartbeat missed %s", type(error).__name__)


async def close_ended() -> None:
    """Close what lost its access: two queries, however many sockets there are.

    This heals what no signal in this process told: a sign-out, a suspension or a lost
    role that another one made.
    """
    seats = [seat for seat in hub.seats() if isinstance(seat, LiveConsumer)]
    passwords, moderators, sessions = await database_sync_to_async(_read_access)(
        {seat.member_id for seat in seats}, {seat.session_key for seat in seats}
    )
    for seat in seats:
        if (
            passwords.get(seat.member_id) != seat.password
            or seat.session_key not in sessions
            or (seat.is_for_moderators and seat.member_id not in moderators)
        ):
            seat.end()


async def tell_numbers() -> None:
    """Tell every reader the number of what they follow, which closes any gap.

    One query for each kind of thing that is followed.
    """
    followed = {type(each) for each in hub.seats() if isinstance(each, LiveConsumer)}
    topics = hub.topics()
    numbers = await database_sync_to_async(_read_numbers)(followed, topics)
    for topic in topics:
        if topic[:2] in numbers:
            frame = {"type": "heartbeat", "number": numbers[topic[:2]]}
            hub.publish(topic, json.dumps(frame))


def _read_access(
    member_ids: Iterable[str], session_keys: Iterable[str]
) -> tuple[dict[str, int], set[str], set[str]]:
    """Members by their password as it is hashed here, moderators, and sessions."""
    members = Member.objects.filter(
        pk__in=member_ids, is_active=True, admitted_on__isnull=False
    ).values_list("pk", "password", "is_moderator")
    found = list(members)
    sessions = Session.objects.filter(
        session_key__in=session_keys, expire_date__gt=timezone.now()
    ).values_list("session_key", flat=True)
    return (
        {pk: hash(password) for pk, password, _is_moderator in found},
        {pk for pk, _password, is_moderator in found if is_moderator},
        set(sessions),
    )


def _read_numbers(
    followed: Iterable[type[LiveConsumer]], topics: Iterable[hub.Topic]
) -> dict[tuple[str, str], int]:
    ids = defaultdict(set)
    for kind, topic_id, _language in topics:
        ids[kind].add(topic_id)
    return {
        (each.kind, topic_id): number
        for each in followed
        for topic_id, number in each.numbers(ids[each.kind]).items()
    }
