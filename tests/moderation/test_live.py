from __future__ import annotations

import json
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts import joining
from accounts.models import Application, Member
from accounts.signals import application_sent
from forum import consumers, posting
from forum.models.reasons import Reason
from moderation import deciding, live
from moderation.flagging import flag_post
from moderation.models import ReviewItem
from tests.accounts.entering import give_second_factor
from tests.factories import make_member, make_reply, make_thread
from tests.forum.test_consumers import frames_of, is_accepted, socket_of

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "/ws/moderation/?after=0&lang=nl"


@sync_to_async
def people() -> tuple[Member, Member, Any]:
    author = make_member("marit@voorbeeld.nl", "Marit")
    moderator = make_member("mo@voorbeeld.nl", "Mo", is_moderator=True)
    give_second_factor(moderator)
    return author, moderator, make_thread(author).posts.get()


@pytest.mark.parametrize("role", [{}, {"is_operator": True}, {"is_moderator": True}])
async def test_queue_is_closed_to_all_but_moderators_with_a_second_factor(
    role: dict[str, bool],
) -> None:
    member = await sync_to_async(lambda: make_member(**cast("Any", role)))()

    assert not await is_accepted(member, QUEUE)
    assert not await is_accepted(None, QUEUE)


async def test_flag_nudges_moderators_and_says_nothing_else() -> None:
    author, moderator, post = await people()

    async with socket_of(moderator, QUEUE) as (socket, accepted):
        assert accepted
        first = (await frames_of(socket, 1))[0]
        await sync_to_async(flag_post)(by=author, post=post, reason=Reason.R01)
        text = await socket.receive_from(10)

    frame = json.loads(text)
    assert (frame["type"], frame["after"]) == ("queue.changed", first["number"])
    assert frame["parts"] == [{"id": "queue", "html": "", "is_new": True, "place": 0}]
    assert post.pk not in text


async def test_lost_role_closes_the_queue_and_leaves_the_room_open() -> None:
    _author, moderator, _post = await people()

    async with (
        socket_of(moderator, QUEUE) as (queue, _),
        socket_of(moderator, "/ws/room/?after=0&lang=nl") as (room, _),
    ):
        await frames_of(queue, 1)
        await frames_of(room, 1)
        await Member.objects.filter(pk=moderator.pk).aupdate(is_moderator=False)
        await consumers.close_ended()
        message = await queue.receive_output(10)
        assert await room.receive_nothing()

    assert message == {"type": "websocket.close", "code": 4403}


async def test_heartbeat_tells_the_number_of_the_queue() -> None:
    author, moderator, post = await people()

    async with socket_of(moderator, QUEUE) as (socket, _):
        await frames_of(socket, 1)
        await sync_to_async(flag_post)(by=author, post=post, reason=Reason.R01)
        changed = (await frames_of(socket, 1))[0]
        await consumers.tell_numbers()
        beat = (await frames_of(socket, 1))[0]

    assert beat == {"type": "heartbeat", "number": changed["number"]}


def test_everything_that_changes_the_queue_raises_its_number() -> None:
    author = make_member("marit@voorbeeld.nl", "Marit")
    moderator = make_member("mo@voorbeeld.nl", "Mo", is_moderator=True)
    give_second_factor(moderator)
    thread = make_thread(author)
    post = make_reply(make_member(), thread)
    numbers = [live.queue_number()]

    def told() -> bool:
        numbers.append(live.queue_number())
        return numbers[-1] == numbers[-2] + 1

    flag_post(by=author, post=post, reason=Reason.R01)
    assert told()
    item = ReviewItem.objects.get()
    deciding.claim(by=moderator, item=item)
    assert told()
    deciding.keep(by=moderator, item=item, version=1)
    assert told()
    newcomer = make_member(admitted_days_ago=1)
    held = make_reply(newcomer, thread)
    assert held.state == "held"
    assert told()
    posting.withdraw_post(by=newcomer, post=held)
    assert told()
    applicant = joining.make_member(Member(email="a@voorbeeld.nl", display_name="A"))
    application = Application.objects.create(
        member=applicant,
        full_name="A de Vries",
        work="director",
        proof_route="call",
        is_board_member=False,
    )
    application_sent.send(sender=None, application=application)
    assert told()
    make_reply(author, thread)
    assert numbers[-1] == live.queue_number()


def test_page_without_a_socket_asks_for_the_number(client: Client) -> None:
    author = make_member()
    post = make_thread(author).posts.get()
    moderator = make_member(is_moderator=True)
    give_second_factor(moderator)
    client.force_login(moderator)
    flag_post(by=author, post=post, reason=Reason.R01)
    number = live.queue_number()

    page = client.get("/moderation/").content.decode()
    behind = client.get(f"/moderation/changes/?after={number - 1}").json()
    up_to_date = client.get(f"/moderation/changes/?after={number}").json()

    assert f'data-number="{number}"' in page
    assert len(behind["parts"]) == 1
    assert (up_to_date["number"], up_to_date["parts"]) == (number, [])
