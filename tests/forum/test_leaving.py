from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.models import Member
from directeurskamer import serving
from directeurskamer.leaving import leave
from forum import curating, leaving
from forum.models import Post, ScheduledRemoval, Thread
from moderation.models import ReviewItem
from tests.factories import make_member, make_reply, make_thread


def schedule(post: Post, *, minutes_ago: int = 5) -> None:
    due_at = timezone.now() - dt.timedelta(minutes=minutes_ago)
    ScheduledRemoval.objects.create(post=post, due_at=due_at)


@pytest.fixture
def post(member: Member, other_member: Member) -> Post:
    return make_reply(member, make_thread(other_member), under_alias=True)


def change_number(post: Post) -> int:
    return Thread.objects.get(pk=post.thread_id).change_number


def test_due_text_is_taken_away_as_its_author_would(post: Post) -> None:
    schedule(post)

    assert leaving.remove_due() == 1

    post.refresh_from_db()
    assert (post.state, post.source, post.html) == ("withdrawn", "", "")
    assert "line-note" in post.fragments["nl"]
    assert not ScheduledRemoval.objects.exists()


def test_second_run_changes_nothing(post: Post) -> None:
    schedule(post)
    leaving.remove_due()
    before = change_number(post)

    assert leaving.remove_due() == 0

    assert change_number(post) == before


def test_text_stays_until_its_tick(post: Post) -> None:
    schedule(post, minutes_ago=-1)

    assert leaving.remove_due() == 0

    post.refresh_from_db()
    assert post.is_online


def test_dilemma_goes_with_its_title_and_replies_of_others_stay(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(member, under_alias=True)
    reply = make_reply(other_member, thread)
    schedule(thread.posts.get(kind="dilemma"))

    leaving.remove_due()

    thread.refresh_from_db()
    reply.refresh_from_db()
    assert (thread.title, thread.is_listed) == ("", False)
    assert reply.is_online


def test_text_that_waits_for_a_moderator_goes_with_its_item(
    member: Member, other_member: Member, settings: Any
) -> None:
    settings.PREMODERATE = "anonymous"
    thread = make_thread(other_member)
    held = make_reply(member, thread, under_alias=True)
    assert ReviewItem.objects.get().state == "open"
    schedule(held)

    leaving.remove_due()

    held.refresh_from_db()
    assert held.state == "withdrawn"
    assert ReviewItem.objects.get().state == "closed"


def test_text_that_a_moderator_removed_stays_removed(post: Post) -> None:
    schedule(post)
    curating.remove(post, version=1, reason="R07", message="Weg.")

    assert leaving.remove_due() == 0

    post.refresh_from_db()
    assert post.state == "removed"
    assert not ScheduledRemoval.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_take_a_text_away_once() -> None:
    thread = make_thread(make_member())
    writer = make_member()
    posts = [make_reply(writer, thread, under_alias=True) for _ in range(3)]
    for post in posts:
        schedule(post)
    before = change_number(posts[0])
    start = threading.Barrier(4)
    taken = []

    def run() -> None:
        start.wait()
        taken.append(leaving.remove_due())
        connections.close_all()

    runs = [threading.Thread(target=run) for _ in range(4)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()

    assert sum(taken) == 3
    assert change_number(posts[0]) == before + 3


def test_worker_looks_every_minute_and_a_command_does_the_same(post: Post) -> None:
    schedule(post)
    lines = StringIO()

    call_command("remove_scheduled", stdout=lines)

    assert lines.getvalue() == "1 texts taken away.\n"
    assert (60, leaving.remove_due) in serving.JOBS


def test_text_added_while_leaving_stops_it(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    added: list[str] = []

    def add(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        # After the threads were listed and before the member's own row is held.
        if not added and 'FROM "accounts_member"' in sql and member.pk in params:
            added.append(sql)
            added.append(make_reply(member, thread).pk)
        return execute(sql, params, *rest)

    with connection.execute_wrapper(add), pytest.raises(ValidationError):
        leave(by=member, keeps_named=True, keeps_anonymous=True)

    assert added
    assert Member.objects.filter(pk=member.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_leavers_writers_and_removals_do_not_hold_each_other_up() -> None:
    threads = [make_thread(make_member()) for _ in range(3)]
    leavers = [make_member() for _ in range(3)]
    writer, hidden = make_member(), make_member()
    for thread in threads:
        for leaver in leavers:
            make_reply(leaver, thread)
        schedule(make_reply(hidden, thread, under_alias=True))
    failed: list[BaseException] = []
    start = threading.Barrier(5)

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    def write() -> None:
        for thread in [*threads, *reversed(threads)]:
            make_reply(writer, thread)

    acts: list[Callable[[], object]] = [
        partial(leave, by=leaver, keeps_named=True, keeps_anonymous=False)
        for leaver in leavers
    ]
    runs = [
        threading.Thread(target=run, args=[act])
        for act in [*acts, write, leaving.remove_due]
    ]
    for each in runs:
        each.start()
    for each in runs:
        each.join()

    assert failed == []
    assert Post.objects.filter(author="left").count() == 9
    assert Post.objects.filter(author=writer).count() == 6
    assert not ScheduledRemoval.objects.exists()
