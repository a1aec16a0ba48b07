from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client

from accounts.models import Member
from directeurskamer.asgi import application
from forum import consumers, hub, reacting
from forum.models import Post, ReactionWord, Thread
from tests.factories import make_member, make_reply, make_thread

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "http://testserver"
ROOM = "/ws/room/?after=0&lang=nl"


def cookie_of(member: Member | None) -> str:
    if member is None:
        return ""
    client = Client()
    client.force_login(member)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies['sessionid'].value}"


def address_of(thread: Thread, after: int = 0, language: str = "nl") -> str:
    return f"/ws/dilemmas/{thread.pk}/?after={after}&lang={language}"


def headers_of(cookie: str, origin: str | None) -> list[tuple[bytes, bytes]]:
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return headers + ([(b"origin", origin.encode())] if origin else [])


@asynccontextmanager
async def socket_of(
    member: Member | None, address: str, origin: str | None = ORIGIN
) -> AsyncIterator[tuple[WebsocketCommunicator, bool]]:
    cookie = await sync_to_async(cookie_of)(member)
    socket = WebsocketCommunicator(application, address, headers_of(cookie, origin))
    is_accepted, _protocol = await socket.connect(timeout=10)
    try:
        yield socket, is_accepted
    finally:
        await socket.disconnect(timeout=10)


async def is_accepted(
    member: Member | None, address: str, origin: str | None = ORIGIN
) -> bool:
    async with socket_of(member, address, origin) as (_socket, answer):
        return answer


async def frames_of(socket: WebsocketCommunicator, count: int) -> list[Any]:
    return [json.loads(await socket.receive_from(timeout=10)) for _ in range(count)]


async def beat() -> None:
    """What the heart does, without its pauses."""
    await consumers.close_ended()
    await consumers.tell_numbers()


def reply_in_another_thread(author: Member, thread: Thread) -> None:
    try:
        make_reply(author, thread, under_alias=True)
    finally:
        connections.close_all()


@sync_to_async
def room_with_thread() -> tuple[Member, Member, Thread]:
    author = make_member("marit@voorbeeld.nl", "Marit")
    reader = make_member("joost@voorbeeld.nl", "Joost")
    return author, reader, make_thread(author, under_alias=True)


async def test_member_is_accepted_in_thread_and_room() -> None:
    _author, reader, thread = await room_with_thread()

    assert await is_accepted(reader, address_of(thread))
    assert await is_accepted(reader, ROOM)


async def test_visitor_is_refused() -> None:
    _author, _reader, thread = await room_with_thread()

    assert not await is_accepted(None, address_of(thread))
    assert not await is_accepted(None, ROOM)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://elsewhere.example",
        "https://testserver",
        "http://testserver:8000",
        "http://testserver.elsewhere.example",
        "http://[",
    ],
)
async def test_foreign_origin_is_refused(origin: str | None) -> None:
    _author, reader, thread = await room_with_thread()

    assert not await is_accepted(reader, address_of(thread), origin)


async def test_applicant_is_refused() -> None:
    _author, _reader, thread = await room_with_thread()
    applicant = await sync_to_async(make_member)(admitted_days_ago=None)

    assert not await is_accepted(applicant, address_of(thread))
    assert not await is_accepted(applicant, ROOM)


async def test_suspended_member_is_refused() -> None:
    _author, reader, thread = await room_with_thread()
    await Member.objects.filter(pk=reader.pk).aupdate(is_active=False)

    assert not await is_accepted(reader, address_of(thread))


async def test_invisible_thread_is_refused_like_absent_one() -> None:
    author, _reader, thread = await room_with_thread()
    await Thread.objects.filter(pk=thread.pk).aupdate(was_public=False)

    assert not await is_accepted(author, address_of(thread))
    assert not await is_accepted(author, "/ws/dilemmas/00000000000000000000/?after=0")


@pytest.mark.parametrize(
    "address",
    [
        "/ws/",
        "/ws/elsewhere/?after=0&lang=nl",
        "/ws/room/",
        "/ws/room/?after=-1&lang=nl",
        "/ws/room/?after=²&lang=nl",
        "/ws/room/?after=99999999999999999999&lang=nl",
        "/ws/room/?after=0&lang=fr",
    ],
)
async def test_unknown_address_is_refused(address: str) -> None:
    _author, reader, _thread = await room_with_thread()

    assert not await is_accepted(reader, address)


async def test_refused_socket_leaves_no_seat() -> None:
    _author, reader, _thread = await room_with_thread()

    await is_accepted(reader, "/ws/dilemmas/00000000000000000000/?after=0&lang=nl")

    assert hub.seats() == []


async def test_an_16_event_has_same_bytes_for_author_and_reader() -> None:
    author, reader, thread = await room_with_thread()
    number = thread.change_number

    async with (
        socket_of(author, address_of(thread, number)) as (of_author, _),
        socket_of(reader, address_of(thread, number)) as (of_reader, _),
    ):
        await frames_of(of_author, 1)
        await frames_of(of_reader, 1)
        await sync_to_async(make_reply)(author, thread, under_alias=True)
        texts = {await socket.receive_from(10) for socket in (of_author, of_reader)}

    assert len(texts) == 1
    assert json.loads(texts.pop())["number"] == number + 1


async def test_event_comes_in_the_language_asked_for() -> None:
    author, reader, thread = await room_with_thread()
    number = thread.change_number

    async with (
        socket_of(reader, address_of(thread, number, "nl")) as (dutch, _),
        socket_of(reader, address_of(thread, number, "en")) as (english, _),
    ):
        await frames_of(dutch, 1)
        await frames_of(english, 1)
        await sync_to_async(make_reply)(author, thread, under_alias=True)
        in_dutch = (await frames_of(dutch, 1))[0]["parts"][0]
        in_english = (await frames_of(english, 1))[0]["parts"][0]

    assert in_dutch["id"] == in_english["id"]
    assert "Answer of the writer" in in_english["html"]


async def test_socket_catches_up_and_then_follows_in_order() -> None:
    _author, reader, thread = await room_with_thread()
    number = thread.change_number
    reply = sync_to_async(make_reply)
    missed = [await reply(reader, thread), await reply(reader, thread)]

    async with socket_of(reader, address_of(thread, number)) as (socket, _):
        await reply(reader, thread)
        await reply(reader, thread)
        frames = await frames_of(socket, 3)

    assert [part["id"] for part in frames[0]["parts"]] == [
        f"post-{post.pk}" for post in missed
    ]
    assert [(frame["after"], frame["number"]) for frame in frames] == [
        (number, number + 2),
        (number + 2, number + 3),
        (number + 3, number + 4),
    ]


async def test_what_is_written_while_a_socket_catches_up_is_not_lost() -> None:
    author, reader, thread = await room_with_thread()
    number = thread.change_number
    cookie = await sync_to_async(cookie_of)(reader)
    headers = headers_of(cookie, ORIGIN)

    socket = WebsocketCommunicator(application, address_of(thread, number), headers)
    await socket.send_input({"type": "websocket.connect"})
    await asyncio.to_thread(reply_in_another_thread, author, thread)
    assert (await socket.receive_output(10))["type"] == "websocket.accept"
    last = number
    while last < number + 1:
        frame = (await frames_of(socket, 1))[0]
        assert frame["after"] <= last
        last = frame["number"]
    await socket.disconnect(timeout=10)


async def test_room_hears_of_new_dilemma() -> None:
    author, reader, _thread = await room_with_thread()

    async with socket_of(reader, ROOM) as (socket, _):
        first = (await frames_of(socket, 1))[0]
        thread = await sync_to_async(make_thread)(author)
        frame = (await frames_of(socket, 1))[0]

    assert frame["after"] == first["number"]
    assert frame["parts"][0]["id"] == f"thread-{thread.pk}"
    assert frame["parts"][0]["is_new"]


async def test_socket_closes_when_access_ends() -> None:
    _author, reader, thread = await room_with_thread()

    async with socket_of(reader, address_of(thread)) as (socket, _):
        await frames_of(socket, 1)
        hub.end_access(reader.pk)
        message = await socket.receive_output(10)

    assert message == {"type": "websocket.close", "code": 4403}
    assert hub.seats() == []


async def test_signing_out_closes_the_sockets_of_that_session_only() -> None:
    _author, reader, thread = await room_with_thread()
    client = await sync_to_async(Client)()
    await sync_to_async(client.force_login)(reader)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    leaving = WebsocketCommunicator(
        application, address_of(thread), headers_of(cookie, ORIGIN)
    )

    async with socket_of(reader, address_of(thread)) as (staying, _):
        assert (await leaving.connect(10))[0]
        await frames_of(leaving, 1)
        await frames_of(staying, 1)
        await sync_to_async(client.logout)()
        message = await leaving.receive_output(10)
        assert await staying.receive_nothing()
    await leaving.disconnect(timeout=10)

    assert message == {"type": "websocket.close", "code": 4403}


async def test_heartbeat_tells_the_number_as_one_text() -> None:
    author, reader, thread = await room_with_thread()

    async with (
        socket_of(author, address_of(thread)) as (of_author, _),
        socket_of(reader, address_of(thread)) as (of_reader, _),
    ):
        await frames_of(of_author, 1)
        await frames_of(of_reader, 1)
        await beat()
        texts = {await socket.receive_from(10) for socket in (of_author, of_reader)}

    expected = {"type": "heartbeat", "number": thread.change_number}
    assert [json.loads(text) for text in texts] == [expected]


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"admitted_on": None}, {"password": "other"}]
)
async def test_heartbeat_closes_what_another_process_ended(change: Any) -> None:
    _author, reader, thread = await room_with_thread()

    async with socket_of(reader, address_of(thread)) as (socket, _):
        await frames_of(socket, 1)
        await Member.objects.filter(pk=reader.pk).aupdate(**change)
        await beat()
        message = await socket.receive_output(10)

    assert message == {"type": "websocket.close", "code": 4403}


async def test_heartbeat_closes_a_socket_whose_session_is_gone() -> None:
    _author, reader, thread = await room_with_thread()

    async with socket_of(reader, address_of(thread)) as (socket, _):
        await frames_of(socket, 1)
        await Session.objects.all().adelete()
        await beat()
        message = await socket.receive_output(10)

    assert message == {"type": "websocket.close", "code": 4403}


async def test_socket_that_says_something_is_closed() -> None:
    _author, reader, thread = await room_with_thread()

    async with socket_of(reader, address_of(thread)) as (socket, _):
        await frames_of(socket, 1)
        await socket.send_to(text_data="hello")
        message = await socket.receive_output(10)

    assert message["type"] == "websocket.close"


async def test_member_has_twelve_sockets_at_most() -> None:
    _author, reader, _thread = await room_with_thread()
    headers = headers_of(await sync_to_async(cookie_of)(reader), ORIGIN)
    sockets = [WebsocketCommunicator(application, ROOM, headers) for _ in range(13)]

    answers = [(await socket.connect(timeout=10))[0] for socket in sockets]

    for socket in sockets:
        await socket.disconnect(timeout=10)
    assert answers == [True] * 12 + [False]
    assert hub.seats() == []


async def test_slow_reader_is_dropped_and_others_are_not_kept_waiting() -> None:
    author, reader, thread = await room_with_thread()
    number = thread.change_number
    headers = headers_of(await sync_to_async(cookie_of)(reader), ORIGIN)
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    closed = asyncio.Event()

    async def never_done(message: Any) -> None:
        if message["type"] == "websocket.close":
            closed.set()
        elif message["type"] == "websocket.send":
            await asyncio.Event().wait()

    room: Any = application
    scope = WebsocketCommunicator(room, address_of(thread), headers).scope
    slow = asyncio.create_task(room(scope, incoming.get, never_done))
    await incoming.put({"type": "websocket.connect"})
    async with socket_of(author, address_of(thread, number)) as (socket, _):
        await frames_of(socket, 1)
        received = []
        for text in range(100):
            hub.publish(("thread", thread.pk, "nl"), str(text))
            received += await frames_of(socket, 1)
        await asyncio.wait_for(closed.wait(), 10)
        assert [seat.member_id for seat in hub.seats()] == [author.pk]
    await incoming.put({"type": "websocket.disconnect", "code": 4408})
    await asyncio.wait_for(slow, 10)

    assert received == list(range(100))


async def test_an_16_reaction_comes_as_the_same_bytes_for_all_and_only_with_other_words() -> (
    None
):
    author, reader, thread = await room_with_thread()
    number = thread.change_number

    @sync_to_async
    def react(*people: Member) -> None:
        post = Post.objects.select_related("thread").get(thread=thread)
        for each in people:
            reacting.react(by=each, post=post, word=ReactionWord.FEEL)
        connections.close_all()

    address = address_of(thread, number, "en")
    async with (
        socket_of(author, address) as (own, _),
        socket_of(reader, address) as (
            other,
            _,
        ),
    ):
        for socket in (own, other):
            await socket.receive_from(timeout=10)
        await react(author)
        first = [await socket.receive_from(timeout=10) for socket in (own, other)]
        await react(reader)
        assert await own.receive_nothing(timeout=0.5)

    assert first[0] == first[1]
    assert "Somebody feels with the writer." in first[0]
    assert json.loads(first[0])["number"] == number + 1
