from __future__ import annotations

import datetime as dt
from importlib import import_module

from django.db import connection
from django.utils import timezone

from accounts.models import Member
from forum import curating, delaying, live, posting
from forum.models import Post, PostState, Thread
from tests.factories import make_member, make_replies, make_reply, make_thread


def places_in(thread: Thread) -> list[int]:
    posts = thread.posts.filter(was_public=True).order_by("published_number")
    return list(posts.values_list("place", flat=True))


def reply_count(thread: Thread) -> int:
    return Thread.objects.get(pk=thread.pk).reply_count


def test_replies_get_places_in_the_order_in_which_they_appear(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(member)
    assert (places_in(thread), reply_count(thread)) == ([0], 0)

    replies = [make_reply(other_member, thread) for _ in range(3)]

    assert [post.place for post in replies] == [1, 2, 3]
    assert (places_in(thread), reply_count(thread)) == ([0, 1, 2, 3], 3)


def test_place_stays_whatever_becomes_of_a_reply(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(member)
    first, second, third = (make_reply(other_member, thread) for _ in range(3))

    posting.withdraw_post(by=other_member, post=first)
    curating.hide(second, version=1, reason="R03", message="")
    curating.release(second, version=1)
    posting.edit_post(by=other_member, post=third, version=1, source="Nu anders.")
    posting.withdraw_post(by=member, post=thread.posts.get(kind="dilemma"))

    assert (places_in(thread), reply_count(thread)) == ([0, 1, 2, 3], 3)
    assert make_replies(other_member, thread, 1)[0].place == 4


def test_text_that_waits_has_no_place_until_it_appears(
    member: Member, newcomer: Member
) -> None:
    now = timezone.now()
    thread = make_thread(make_member())
    held = make_reply(newcomer, thread)
    delayed = make_reply(member, thread, under_alias=True, release_at=now)
    gone = make_reply(make_member(), thread, release_at=now + dt.timedelta(hours=1))
    posting.withdraw_post(by=gone.author or member, post=gone)
    assert {post.place for post in (held, delayed, gone)} == {0}
    assert (places_in(thread), reply_count(thread)) == ([0], 0)

    online = make_reply(make_member(), thread)
    delaying.release_due(now)
    curating.release(held, version=1)

    posts = [Post.objects.get(pk=post.pk) for post in (online, delayed, held, gone)]
    assert [post.place for post in posts] == [1, 2, 3, 0]
    assert reply_count(thread) == 3


def test_reply_that_was_returned_keeps_its_place(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(member)
    reply = make_reply(other_member, thread)
    curating.send_back(reply, version=1, reason="R03", message="")

    posting.edit_post(by=other_member, post=reply, version=1, source="Nu anders.")

    reply.refresh_from_db()
    assert (reply.state, reply.place) == (PostState.HELD, 1)
    assert reply_count(thread) == 1


def test_address_leads_to_the_page_of_a_text(member: Member) -> None:
    post = Post(id="p" * 20, thread_id="t" * 20)
    path = f"/dilemmas/{'t' * 20}/"

    for place, page in ((0, ""), (1, ""), (20, ""), (21, "?page=2"), (400, "?page=20")):
        post.place = place
        assert post.address == f"{path}{page}#post-{post.pk}"


def test_migration_gives_the_places_that_live_changes_would_have_given(
    member: Member, newcomer: Member
) -> None:
    threads = [make_thread(member), make_thread(member)]
    for number, thread in enumerate(threads):
        make_reply(newcomer, thread)
        make_replies(make_member(), thread, 3 + number)
    before = [(places_in(thread), reply_count(thread)) for thread in threads]
    Post.objects.update(place=0)
    Thread.objects.update(reply_count=0)
    migration = import_module("forum.migrations.0008_pages")

    with connection.cursor() as cursor:
        cursor.execute(migration.PLACES)
        cursor.execute(migration.COUNTS)

    assert before == [([0, 1, 2, 3], 3), ([0, 1, 2, 3, 4], 4)]
    assert [(places_in(thread), reply_count(thread)) for thread in threads] == before


def test_change_tells_the_place_of_what_is_new(member: Member) -> None:
    thread = make_thread(member)
    make_replies(member, thread, 2)

    frame = live.thread_changes(thread, 1, "nl")

    assert [part["place"] for part in frame["parts"]] == [1, 2]
