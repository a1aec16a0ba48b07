"""Fills a small and a large room and measures in both; run by a process of its own.

Everything is measured through the HTTP test client, from the request's middleware to
the last byte of the page, on real rows. Only the filling takes a short cut: rows are
copies of ones that the forum made, under tags that are really their authors'.
"""

from __future__ import annotations

import json
import logging
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import keyring
from accounts.ids import random_id, random_scope
from accounts.models import Member, MemberSecret, Shelf
from accounts.shelf import seal
from accounts.tags import Domain, own_tag
from forum import live
from forum.aliases import NAMES, own_aliases
from forum.forms import new_form_key
from forum.models import Alias, IdentityLock, Post, ReplyKind, Room, Thread
from tests.factories import PASSWORD, SITUATION, make_member, make_reply, make_thread

SMALL, LARGE = (10, 20), (10_000, 20_000)
OWN = 10  # anonymous texts of the reader, in both rooms
BATCH = 500
TEXTS, PAGES = 40, 30
REPLIED_TO = 6  # threads, in both rooms
WARM = 3
FIRST_NUMBER = 1000  # of changes: those before are what the forum made itself
ANONYMOUS = {"under_alias": "on"}


@dataclass
class Place:
    """The room as it stands, whose reader has been signed in."""

    members: list[Member]
    client: Client
    page: Thread
    quiet: list[Thread]


def run() -> None:
    """Print the figures of both rooms as JSON."""
    logging.disable(logging.CRITICAL)
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        figures = {}
        room = _open_room()
        for members, threads in (SMALL, LARGE):
            _fill(room, members, threads)
            figures[f"{members:,} members, {threads:,} threads"] = _measure(room)
        json.dump(figures, sys.stdout)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def _open_room() -> Place:
    reader = make_member("lezer@kamer.example", "Lezer")
    client = Client()
    client.force_login(reader)
    page = make_thread(reader)
    for _ in range(19):
        make_reply(reader, page)
    return Place([reader], client, page, [])


def _fill(room: Place, members: int, threads: int) -> None:
    """As many members and threads as were asked for, a few rows in each statement."""
    for start in range(len(room.members), members, BATCH):
        room.members += _more_members(min(BATCH, members - start))
    model = Post.objects.select_related("thread").get(
        pk=make_thread(room.members[1], under_alias=True).posts.get().pk
    )
    there = Thread.objects.count()
    for start in range(there, threads, BATCH):
        _more_threads(room, model, start, min(BATCH, threads - start))
    Room.objects.filter(pk=1).update(change_number=FIRST_NUMBER + threads)
    if connection.vendor == "postgresql":  # whose daemon would do it in a minute
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _more_members(number: int) -> list[Member]:
    today = timezone.localdate()
    members = [
        Member(
            email=f"{secrets.token_hex(8)}@kamer.example",
            display_name="Leider",
            admitted_on=today,
        )
        for _ in range(number)
    ]
    with transaction.atomic():
        Member.objects.bulk_create(members)
        MemberSecret.objects.bulk_create(
            MemberSecret(member=each, wrapped=_secret_for(each)) for each in members
        )
        EmailAddress.objects.bulk_create(
            EmailAddress(user=each, email=each.email, verified=True, primary=True)
            for each in members
        )
        empty: dict[str, list[str]] = {"followed": [], "saved": [], "muted": []}
        Shelf.objects.bulk_create(
            Shelf(member=each, sealed=seal(each, "shelf", each.pk, empty))
            for each in members
        )
    return members


def _secret_for(member: Member) -> bytes:
    return keyring.wrap(secrets.token_bytes(keyring.KEY_BYTES), member.pk)


def _more_threads(room: Place, model: Post, start: int, number: int) -> None:
    """Dilemmas under an alias; in the first ones the reader is behind it."""
    threads, aliases, posts = [], [], []
    for place in range(start, start + number):
        is_own = OWN - len(room.quiet) > 0
        author = room.members[0 if is_own else 1 + place % (len(room.members) - 1)]
        thread = Thread(
            id=random_id(),
            scope=random_scope(),
            title=model.thread.title,
            category=model.thread.category,
            ask=model.thread.ask,
            was_public=True,
            is_listed=True,
            change_number=1,
            head_number=1,
            room_number=FIRST_NUMBER + place,
            published_number=FIRST_NUMBER + place,
            risen_number=FIRST_NUMBER + place,
        )
        alias = Alias(
            id=random_id(),
            thread=thread,
            tag=own_tag(author, Domain.AUTHOR, thread.scope),
            name=secrets.choice(NAMES),
        )
        post = Post(
            id=random_id(),
            thread=thread,
            alias=alias,
            kind=model.kind,
            source=model.source,
            html=model.html,
            rendering_version=model.rendering_version,
            lang=model.lang,
            was_public=True,
            published_number=1,
            changed_number=1,
            state=model.state,
        )
        renamed = {model.thread.pk: thread.pk, model.pk: post.pk}
        thread.fragments = _renamed(model.thread.fragments, renamed)
        post.fragments = _renamed(model.fragments, renamed)
        threads.append(thread)
        aliases.append(alias)
        posts.append(post)
        if is_own:
            room.quiet.append(thread)
    with transaction.atomic():
        Thread.objects.bulk_create(threads)
        Alias.objects.bulk_create(aliases)
        Post.objects.bulk_create(posts)


def _renamed(fragments: Any, names: dict[str, str]) -> Any:
    text = json.dumps(fragments)
    for old, new in names.items():
        text = text.replace(old, new)
    return json.loads(text)


def _measure(room: Place) -> dict[str, dict[str, float]]:
    reader, client = room.members[0], room.client
    answer = client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    if answer.status_code != 302:
        raise RuntimeError("The reader could not confirm who they are.")
    figures = _posting(room)
    pages = {
        "thread page of 20 texts": f"/dilemmas/{room.page.pk}/",
        "list of threads": "/",
        "my anonymous posts": "/mine/anonymous/",
    }
    for what, path in pages.items():
        figures[what] = _figure(PAGES, partial(_see, client, path))
    figures["which aliases are mine"] = _figure(PAGES, lambda: own_aliases(reader))
    return figures


def _posting(room: Place) -> dict[str, dict[str, float]]:
    """By name and anonymously in turn, so that both meet the same machine."""
    quiet = [thread.pk for thread in (room.page, *room.quiet)]
    threads = list(
        Thread.objects.exclude(pk__in=quiet).values_list("pk", flat=True)[:REPLIED_TO]
    )
    number_before = live.room_number()
    turn = count()

    def dilemma(persona: dict[str, str]) -> Callable[[], object]:
        fields = {
            "title": "Volg ik het besluit, of het gevoel van mijn team?",
            "category": "team",
            "ask": "advice",
            "source": SITUATION,
            "is_clean": "on",
            **persona,
        }
        return lambda: _send(room.client, "/dilemmas/new/", fields)

    def reply(persona: dict[str, str]) -> Callable[[], object]:
        fields = {
            "kind": "question",
            "source": "Wat maakt dat dit je raakt?",
            **persona,
        }

        def act() -> object:
            # A member is named or anonymous in a thread: each in threads of its own.
            number = next(turn)
            own = threads[number % 2 :: 2]
            path = f"/dilemmas/{own[number // 2 % len(own)]}/replies/"
            return _send(room.client, path, fields)

        return act

    figures: dict[str, dict[str, float]] = {}
    for what, act in (("dilemma", dilemma), ("reply", reply)):
        pair = {f"{what}, by name": act({}), f"{what}, anonymously": act(ANONYMOUS)}
        figures |= _figures(TEXTS, pair)
    # Otherwise the reader would have more texts in the next room.
    Thread.objects.filter(published_number__gt=number_before).delete()
    Post.objects.filter(thread__in=threads).exclude(kind=ReplyKind.DILEMMA).delete()
    Alias.objects.filter(posts=None).delete()
    IdentityLock.objects.all().delete()
    return figures


def _send(client: Client, path: str, fields: dict[str, str]) -> object:
    # So that nobody is refused for sending a lot.
    cache.clear()
    return _expect(client.post(path, {**fields, "form_key": new_form_key()}), 200)


def _see(client: Client, path: str) -> object:
    return _expect(client.get(path), 200)


def _expect(answer: Any, status: int) -> object:
    if answer.status_code != status:
        raise RuntimeError(f"{answer.status_code}: {answer.content.decode()[:2000]}")
    return answer


def _figure(times: int, act: Callable[[], object]) -> dict[str, float]:
    return _figures(times, {"": act})[""]


def _figures(
    times: int, acts: dict[str, Callable[[], object]]
) -> dict[str, dict[str, float]]:
    """p50 and p95 in milliseconds of each act, done in turn, and its queries.

    Beside them the median of this process's own time: on a machine that has other work
    to do it says more.
    """
    taken: dict[str, list[float]] = {what: [] for what in acts}
    working: dict[str, list[float]] = {what: [] for what in acts}
    queries = {}
    for number in range(WARM + times):
        for what, act in acts.items():
            if number == 0:
                with CaptureQueriesContext(connection) as captured:
                    act()
                queries[what] = len(captured)
                continue
            begin, worked = time.perf_counter(), time.process_time()
            act()
            if number >= WARM:
                taken[what].append((time.perf_counter() - begin) * 1000)
                working[what].append((time.process_time() - worked) * 1000)
    return {
        what: {
            "p50": statistics.median(each),
            "p95": statistics.quantiles(each, n=20)[-1],
            "cpu": statistics.median(working[what]),
            "queries": queries[what],
        }
        for what, each in taken.items()
    }
