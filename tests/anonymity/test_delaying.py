from __future__ import annotations

import datetime as dt
import json
import os
import random
import secrets
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from accounts.models import Member
from forum import delaying, live
from forum.forms import new_form_key
from forum.models import Alias, Post, PostState, Thread
from forum.models.reasons import Reason
from moderation.flagging import flag_post
from moderation.models import ReviewItem
from tests.accounts.database import Rows, everything
from tests.accounts.entering import give_second_factor
from tests.factories import SITUATION, make_member, make_reply, make_thread
from tests.people import ClientFor

ROOT = Path(__file__).resolve().parent.parent.parent
TICK = dt.datetime(2026, 11, 24, 14, 25, tzinfo=dt.UTC)
PAST = dt.datetime(2026, 11, 20, 14, 25, tzinfo=dt.UTC)
WORDS = "Kanarie in de vroege ochtend."

# Releases again and again, each time in a process of its own that is killed one step
# later: before each statement, before the commit and after it. Prints what a reader of
# the database sees after each kill, and ends after the run that nobody killed.
KILLED_AROUND = """
import json, os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection, connections
from forum.models import Post, Room, Thread

def release(left):
    def step():
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    def count(execute, sql, params, many, context):
        step()
        return execute(sql, params, many, context)
    ordinary = connection._commit
    def commit():
        step()
        ordinary()
        step()
    connection._commit = commit
    with connection.execute_wrapper(count):
        call_command("release_delayed")

def seen():
    post = Post.objects.get(pk=sys.argv[1])
    numbers = [post.published_number, post.thread.change_number,
        Room.objects.get(pk=1).change_number]
    connections.close_all()
    return [post.state, post.release_at is None, post.was_public, numbers]

left, killed = 0, True
while killed:
    connections.close_all()
    child = os.fork()
    if not child:
        sys.stdout = open(os.devnull, "w")
        release(left)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    killed = os.WIFSIGNALED(status)
    assert killed or status == 0
    print(json.dumps(seen()))
    left += 1
"""


def kill_around(post: Post) -> list[Any]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "directeurskamer.settings",
        "DK_DEMO": "1",
        "DK_DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
    }
    told = subprocess.run(
        [sys.executable, "-c", KILLED_AROUND, post.pk],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("under_alias", [True, False])
@pytest.mark.parametrize("is_dilemma", [True, False])
def test_an_33_delayed_text_appears_once_whatever_is_killed(
    is_dilemma: bool, under_alias: bool
) -> None:
    other = make_thread(make_member())
    author = make_member()
    if is_dilemma:
        thread = make_thread(author, under_alias=under_alias, release_at=PAST)
        post = thread.posts.get()
    else:
        post = make_reply(author, other, under_alias=under_alias, release_at=PAST)

    seen = kill_around(post)

    before = [PostState.DELAYED, False, False, [0, 0 if is_dilemma else 1, 1]]
    number = 1 if is_dilemma else 2
    after = [PostState.PUBLISHED, True, True, [number, number, 2]]
    # All or nothing: the kill after the commit is the first that finds it done.
    assert len(seen) > 10
    assert [each for each in seen if each not in (before, after)] == []
    assert seen.index(after) == len(seen) - 2
    assert delaying.release_due(TICK) == []


@pytest.mark.django_db(transaction=True)
def test_an_33_two_runs_at_once_release_each_text_once() -> None:
    other = make_thread(make_member())
    replies = [make_reply(make_member(), other, release_at=PAST) for _ in range(5)]
    gate = threading.Barrier(2)
    released: list[delaying.Released] = []

    def run() -> None:
        gate.wait()
        try:
            released.extend(delaying.release_due(TICK))
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()

    assert {each.state for each in released} == {"published"}
    assert sorted(each.post_id for each in released) == sorted(p.pk for p in replies)
    other.refresh_from_db()
    assert other.change_number == 6
    numbers = other.posts.values_list("published_number", flat=True)
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


def repeat_chance(monkeypatch: pytest.MonkeyPatch, now: dt.datetime) -> None:
    """Every draw as in the run before, and of all ticks the same one."""
    source = random.Random(33)  # noqa: S311 - so that it repeats
    steps = (TICK - now) // delaying.TICK
    monkeypatch.setattr(secrets, "choice", source.choice)
    monkeypatch.setattr(secrets, "token_hex", lambda n: source.randbytes(n).hex())
    monkeypatch.setattr(secrets, "randbits", source.getrandbits)
    monkeypatch.setattr(secrets, "randbelow", lambda most: steps)


def kept_of(
    client: Client,
    now: dt.datetime,
    path: str,
    form: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[dict[str, Rows], list[Any]]:
    """What the database holds right after sending ``form`` at ``now``."""
    with time_machine.travel(now, tick=False), monkeypatch.context() as patch:
        repeat_chance(patch, now)
        point = transaction.savepoint()
        answer = client.post(path, {**form, "form_key": new_form_key()})
        assert answer.status_code == 200
        assert Post.objects.get(state=PostState.DELAYED).release_at == TICK
        rows, numbers = everything(), row_numbers()
        transaction.savepoint_rollback(point)
    return rows, numbers


def row_numbers() -> list[Any]:
    if connection.vendor != "sqlite":
        return []
    numbers = []
    with connection.cursor() as cursor:
        for model in (Post, Thread, Alias):
            cursor.execute(f"SELECT id, rowid FROM {model._meta.db_table} ORDER BY id")  # noqa: S608 - names of ours
            numbers.append(cursor.fetchall())
    return numbers


@pytest.mark.parametrize("under_alias", ["", "on"])
@pytest.mark.parametrize("is_dilemma", [True, False])
def test_an_33_nothing_stored_tells_when_it_was_written(
    db: None,
    client_for: ClientFor,
    monkeypatch: pytest.MonkeyPatch,
    is_dilemma: bool,
    under_alias: str,
) -> None:
    with time_machine.travel(TICK.replace(hour=8), tick=False):
        thread = make_thread(make_member())
        client = client_for(make_member())
    path = "/dilemmas/new/" if is_dilemma else f"/dilemmas/{thread.pk}/replies/"
    form = {
        "title": "Volg ik het besluit of mijn team?",
        "category": "team",
        "ask": "advice",
        "kind": "question",
        "source": SITUATION,
        "is_clean": "on",
        "under_alias": under_alias,
        "is_delayed": "on",
    }

    kept = [
        kept_of(client, TICK.replace(hour=hour, minute=minute), path, form, monkeypatch)
        for hour, minute in ((8, 31), (9, 2), (14, 21))
    ]

    assert kept[0] == kept[1] == kept[2]


def order(*rows: Post | Thread | Alias) -> list[int]:
    numbers = []
    with connection.cursor() as cursor:
        for row in rows:
            table = row._meta.db_table
            cursor.execute(f"SELECT rowid FROM {table} WHERE id = %s", [row.pk])  # noqa: S608 - names of ours
            numbers.append(cursor.fetchone()[0])
    return numbers


@pytest.mark.sqlite
def test_an_33_hidden_row_numbers_tell_the_release_and_not_the_writing(
    member: Member, other_member: Member
) -> None:
    before = make_thread(other_member)
    delayed = make_thread(member, under_alias=True, release_at=TICK)
    after = make_thread(other_member)
    posts = [thread.posts.get() for thread in (before, delayed, after)]
    assert order(delayed)[0] < 0 < order(before)[0] < order(after)[0]
    assert order(posts[1])[0] < 0 < order(posts[0])[0] < order(posts[2])[0]

    delaying.release_due(TICK)

    last = make_thread(other_member)
    for numbers in (
        order(before, after, delayed, last),
        order(posts[0], posts[2], posts[1], last.posts.get()),
    ):
        assert numbers == sorted(numbers)


@pytest.mark.sqlite
def test_row_numbers_of_aliases_keep_no_order(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    for author in [member, *(make_member() for _ in range(9))]:
        make_reply(author, thread, under_alias=True)

    posts = thread.posts.filter(alias__isnull=False).order_by("published_number")
    numbers = order(*(post.alias for post in posts if post.alias))
    assert max(numbers) < 0
    assert numbers not in (sorted(numbers), sorted(numbers, reverse=True))


@pytest.mark.parametrize("under_alias", [True, False])
def test_an_33_nobody_sees_anything_of_a_delayed_text(
    member: Member,
    other_member: Member,
    moderator: Member,
    client_for: ClientFor,
    under_alias: bool,
) -> None:
    thread = make_thread(other_member)
    first = make_reply(member, thread, under_alias=under_alias)
    flag_post(by=other_member, post=first, reason=Reason.R05)
    item = ReviewItem.objects.get()
    thread.refresh_from_db()
    number, room_number = thread.change_number, live.room_number()
    reply = make_reply(
        member, thread, under_alias=under_alias, source=WORDS, release_at=TICK
    )
    dilemma = make_thread(
        member, under_alias=under_alias, source=f"{WORDS} {SITUATION}", release_at=TICK
    )

    thread.refresh_from_db()
    assert (thread.change_number, live.room_number()) == (number, room_number)
    for viewer in (other_member, moderator):
        client = client_for(viewer)
        for path in ("/", f"/dilemmas/{thread.pk}/", "/changes/", "/notifications/"):
            assert WORDS not in client.get(path).content.decode()
        for path in (f"/posts/{reply.pk}/", f"/dilemmas/{dilemma.pk}/"):
            assert client.get(path).status_code == 404
    give_second_factor(moderator)
    for path in ("/moderation/", f"/moderation/items/{item.pk}/"):
        answer = client_for(moderator).get(path)
        assert answer.status_code == 200
        assert WORDS not in answer.content.decode()
    assert ReviewItem.objects.count() == 1


def test_an_17_alias_owner_sees_nothing_of_it_outside_owner_mode(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    reply = make_reply(member, thread, under_alias=True, source=WORDS, release_at=TICK)

    client = client_for(member)
    for path in ("/", "/mine/", "/notifications/", f"/dilemmas/{thread.pk}/"):
        assert WORDS not in client.get(path).content.decode()
    assert client.get(f"/posts/{reply.pk}/").status_code == 404
    assert client.get(f"/posts/{reply.pk}/edit/").status_code == 404


def test_moderator_never_sees_what_came_back_from_its_tick(
    member: Member, other_member: Member, moderator: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    first = make_reply(member, thread, under_alias=True)
    flag_post(by=other_member, post=first, reason=Reason.R05)
    make_reply(member, thread, under_alias=True, source=WORDS, release_at=TICK)
    Thread.objects.update(is_locked=True)

    delaying.release_due(TICK)

    give_second_factor(moderator)
    path = f"/moderation/items/{ReviewItem.objects.get().pk}/"
    page = client_for(moderator).get(path).content.decode()
    assert first.source in page
    assert WORDS not in page
