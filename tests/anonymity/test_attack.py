"""A stolen database does not tell who of twenty members wrote an anonymous text.

Two hundred worlds, twenty days in each of ten rooms, of two kinds in turn, or as many
as ATTACKED_WORLDS says. In one the author sends an anonymous text at a
random moment between everybody's acts. In the other everybody comes by one after the
other, some post by name, and in the same visit the author sends a text that appears
later. All twenty sign in, read and change their shelf in every world; who posts by
name, keeps a draft or flags is drawn by itself. The author is drawn anew, each of the
twenty as likely, so that a thief who knows nothing is right once in twenty times.

The bound: with so many ways of guessing, each a binomial of 200 and 1/20, all of them
stay below it but for a false alarm in one run of 10,000 (p < 1e-4, one-sided,
Bonferroni). The mean is 10 hits; with some 500 to 700 ways the bound is 29.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts import shelf, tidying
from accounts.drafts import drop_draft, save_draft
from accounts.models import (
    Application,
    Frequency,
    Language,
    Member,
    Region,
    Sanction,
    Shelf,
)
from accounts.sanctions import sanction_alias, sanction_member
from accounts.shelf import change_shelf
from forum import delaying, subscribing
from forum.forms import new_form_key
from forum.models import Category, Post, PostState, Thread
from forum.models.reasons import Reason
from moderation.flagging import flag_post
from tests.anonymity import leaks
from tests.anonymity.attack import (
    Attack,
    Candidate,
    Clues,
    Copy,
    Loot,
    clues,
    most_by_chance,
    take_copy,
)
from tests.anonymity.worlds import empty_the_room
from tests.factories import SITUATION, make_member, make_reply, make_thread

pytestmark = [pytest.mark.worlds, pytest.mark.django_db(transaction=True)]

PEOPLE = 20
WORLDS = int(os.environ.get("ATTACKED_WORLDS", "200"))
DAYS = 20
FALSE_ALARM = 1e-4
MONDAY = dt.datetime.fromisoformat("2026-11-23T09:03:00+01:00")
NAMES = [
    "Aleida",
    "Bram",
    "Cato",
    "Dirk",
    "Els",
    "Fedde",
    "Greet",
    "Hidde",
    "Ineke",
    "Jan-Willem",
    "Karin",
    "Lodewijk",
    "Marit",
    "Nynke",
    "Otto",
    "Petronella",
    "Quinten",
    "Roos",
    "Siebe",
    "Truus",
]
Act = Callable[[], object]


@dataclass(frozen=True)
class Habits:
    """How likely it is that a member does something on a day."""

    replies: float = 0.15
    starts: float = 0.03
    is_anonymous_too: float = 0.05
    keeps_draft: float = 0.2
    flags: float = 0.1


class Room:
    """Twenty members who differ in everything, and their days."""

    def __init__(self, clock: Any, source: random.Random, habits: Habits) -> None:
        self.clock = clock
        self.habits = habits
        self.source = source
        empty_the_room()
        clock.move_to(MONDAY)
        cache.clear()
        self.members = [self._joins(name) for name in NAMES]
        self.clients: dict[str, Client] = {}
        self.host = make_member("host@kamer.example", "Gastvrouw")
        # In the first three nobody of the twenty writes by name.
        self.quiet = [make_thread(self.host) for _ in range(3)]
        self.lively = [
            make_thread(self.host, category=category)
            for category in Category.values[:4]
        ]
        self._remember()
        self.candidates = [
            Candidate(m.pk, m.email, m.display_name) for m in self.members
        ]
        self.before = take_copy()

    def _joins(self, name: str) -> Member:
        one = self.source
        member = make_member(
            f"{name.lower()}@{one.choice(('s.nl', 'zonnewijzer.example'))}",
            name + one.choice(("", " de Vries", " van den Kanarievogel")),
            admitted_days_ago=one.choice((3, 40, 400)),
            region=one.choice(Region.values),
            language=one.choice(Language.values),
            digest_frequency=one.choice(Frequency.values),
            digest_has_titles=one.random() < 0.5,
            digest_categories=one.sample(Category.values, one.randrange(4)),
        )
        if one.random() < 0.5:
            Application.objects.create(
                member=member,
                full_name=member.display_name,
                school="De Regenboog",
                work="director",
                proof_route="call",
                is_board_member=False,
                state=Application.State.ADMITTED,
                decided_on=member.admitted_on,
            )
        return member

    def _remember(self) -> None:
        """Earlier days: posts by name and otherwise, follows, marks, warnings."""
        one, until = self.source, timezone.localdate() + dt.timedelta(60)
        for member in one.sample(self.members, 6):
            make_reply(member, one.choice(self.lively))
        voice = make_reply(one.choice(self.members), self.quiet[0], under_alias=True)
        kind, ground = Sanction.Kind.WARN, Reason.R03
        sanction_member(one.choice(self.members), kind=kind, until=until, ground=ground)
        assert voice.alias is not None
        scope, tag = self.quiet[0].scope, voice.alias.tag
        sanction_alias(scope, tag, kind=kind, until=until, ground=ground)
        for member in self.members:
            for thread in one.sample(self.lively, one.randrange(4)):
                subscribing.follow(by=member, thread=thread, on=True)

    def day(self, author: int, *, is_later: bool) -> Iterator[tuple[str, Loot]]:
        """One world: what the thief holds, by the moment of the copy."""
        self.clock.shift(dt.timedelta(days=1))
        cache.clear()
        written: list[str] = []
        visits = [self._visit(member) for member in self.members]
        visits[author].append(
            lambda: written.append(
                self._writes(self.members[author], is_later=is_later)
            )
        )
        for act in self._in_order(visits, is_later=is_later):
            act()
        (post_id,) = written
        if is_later:
            # The copy that is made after the night's work, with the text still to come.
            for _line in tidying.tidy():
                pass
            yield "waiting", self._loot(take_copy(), post_id)
            self.clock.shift(delaying.TICK * delaying.TICKS)
            delaying.release_due(timezone.now())
            self.clock.shift(-delaying.TICK * delaying.TICKS)
        after = take_copy()
        yield "released" if is_later else "at once", self._loot(after, post_id)
        self.before = after

    def _loot(self, after: Copy, post_id: str) -> Loot:
        return Loot(self.before, after, post_id, self.candidates)

    def _in_order(self, visits: list[list[Act]], *, is_later: bool) -> list[Act]:
        """Everybody in turn; or all sign in first, and then act as it falls."""
        self.source.shuffle(visits)
        if is_later:
            return [act for visit in visits for act in visit]
        signing_in = [visit[0] for visit in visits]
        acts = [act for visit in visits for act in visit[1:]]
        self.source.shuffle(acts)
        return signing_in + acts

    def _visit(self, member: Member) -> list[Act]:
        """What a member does today: the same kind of visit for everybody."""
        one = self.source
        thread = one.choice(self.lively)
        on = one.random() < 0.7
        acts: list[Act] = [
            lambda: self._signs_in(member),
            lambda: self._reads(member, thread),
            lambda: self._reads(member, one.choice(self.quiet)),
            lambda: subscribing.follow(by=member, thread=one.choice(self.quiet), on=on),
        ]
        habits: list[tuple[float, Act]] = [
            (self.habits.replies, lambda: make_reply(member, thread)),
            (self.habits.starts, lambda: make_thread(member)),
            (self.habits.is_anonymous_too, lambda: self._another(member)),
            (self.habits.keeps_draft, lambda: self._keeps_draft(member)),
            (self.habits.flags, lambda: self._flags(member)),
        ]
        acts += [act for likely, act in habits if one.random() < likely]
        rest = acts[1:]
        one.shuffle(rest)
        return [acts[0], *rest]

    def _another(self, member: Member) -> None:
        make_reply(member, self.source.choice(self.quiet), under_alias=True)

    def _signs_in(self, member: Member) -> None:
        client = Client()
        member.refresh_from_db()
        client.force_login(member)
        self.clients[member.pk] = client

    def _reads(self, member: Member, thread: Thread) -> None:
        thread.refresh_from_db()
        subscribing.mark_read(by=member, thread=thread, number=thread.change_number)

    def _keeps_draft(self, member: Member) -> None:
        draft = save_draft(member, {"source": "Nog niet af."})
        if self.source.random() < 0.7:
            drop_draft(member, draft.ref)

    def _flags(self, member: Member) -> None:
        posts = Post.objects.filter(state=PostState.PUBLISHED).select_related("thread")
        flag_post(by=member, post=self.source.choice(list(posts)), reason=Reason.R01)

    def _writes(self, member: Member, *, is_later: bool) -> str:
        """Send the anonymous text through its form, from a draft or not."""
        before = set(Post.objects.values_list("pk", flat=True))
        fields = {
            "form_key": new_form_key(),
            "under_alias": "on",
            "is_delayed": "on" if is_later else "",
        }
        client = self.clients[member.pk]
        if self.source.random() < 0.5:
            fields |= {
                "title": "Volg ik het besluit, of het gevoel van mijn team?",
                "category": self.source.choice(Category.values),
                "ask": "advice",
                "source": SITUATION,
                "is_clean": "on",
            }
            answer = client.post("/dilemmas/new/", fields)
        else:
            thread = self.source.choice(self.quiet)
            fields |= {"kind": "question", "source": "Wat maakt dat dit je zo raakt?"}
            answer = client.post(f"/dilemmas/{thread.pk}/replies/", fields)
        assert answer.status_code == 200
        return Post.objects.exclude(pk__in=before).get().pk


def attacked(
    worlds: int,
    *,
    kinds: tuple[bool, ...] = (False, True),
    habits: Habits = Habits(),
) -> Attack:
    """Play ``worlds`` worlds, twenty days in a room, and let the thief guess in each."""
    attack = Attack(seed=secrets.randbits(64))
    source = random.Random(secrets.randbits(64))  # noqa: S311 - who wrote is no secret
    with time_machine.travel(MONDAY, tick=False) as clock:
        for number in range(worlds):
            if number % DAYS == 0:
                room = Room(clock, source, habits)
            author = source.randrange(PEOPLE)
            found: Clues = {}
            is_later = kinds[number % len(kinds)]
            for moment, loot in room.day(author, is_later=is_later):
                found |= {f"{moment}: {k}": v for k, v in clues(loot).items()}
            attack.add(found, author)
    return attack


def most(hits: dict[str, int], worlds: int) -> int:
    return most_by_chance(worlds, len(hits), among=PEOPLE, alarm=FALSE_ALARM)


def best(hits: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(hits.items(), key=lambda item: -item[1])[:5]


def test_an_02_copies_of_the_database_do_not_tell_who_of_twenty_wrote() -> None:
    hits = attacked(WORLDS).hits()

    assert len(hits) > 100
    assert max(hits.values()) <= most(hits, WORLDS), best(hits)


@contextmanager
def last_active_at_posting() -> Iterator[None]:
    def touch(by: Member, post: Post) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM last_active WHERE member_id = %s", [by.pk])
        leaks._insert("last_active", by.pk, timezone.now().isoformat())

    with (
        leaks._table("last_active", "member_id varchar(20), active_at varchar(40)"),
        leaks._after_posting(touch),
    ):
        yield


@contextmanager
def own_texts_on_a_shelf_without_padding() -> Iterator[None]:
    def keep(by: Member, post: Post) -> None:
        if post.is_anonymous:
            own = {post.pk, post.scope, post.thread_id}
            change_shelf(by, lambda s: replace(s, saved=s.saved | own))
            # The version does not tell: the length alone does.
            Shelf.objects.filter(member=by).update(version=F("version") - 1)

    with mock.patch.object(shelf, "STEP", 1), leaks._after_posting(keep):
        yield


@contextmanager
def used_forms_in_an_ordinary_table() -> Iterator[None]:
    def remake(tail: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE forum_once")
            cursor.execute(
                "CREATE TABLE forum_once (tag varchar(32) NOT NULL PRIMARY KEY, "
                f"post_id varchar(20) NOT NULL){tail}"
            )

    remake("")
    try:
        yield
    finally:
        remake(" WITHOUT ROWID")


def transactions_left_as_they_are() -> AbstractContextManager[object]:
    return mock.patch.object(tidying, "order_by_key", return_value=0)


LEAKS = (
    last_active_at_posting,
    own_texts_on_a_shelf_without_padding,
    leaks.alias_derived_from_the_member,
    leaks.follow_row_at_posting,
    leaks.outbox_row_with_member_and_thread,
    leaks.post_counter,
    leaks.rate_limit_rows,
)


@pytest.mark.long
@pytest.mark.parametrize(
    "seed",
    [
        *LEAKS,
        pytest.param(used_forms_in_an_ordinary_table, marks=pytest.mark.sqlite),
        pytest.param(transactions_left_as_they_are, marks=pytest.mark.postgres),
    ],
)
def test_an_34_attack_with_a_seeded_leak_finds_the_author(
    seed: Callable[[], AbstractContextManager[object]],
) -> None:
    is_by_order = seed in {
        used_forms_in_an_ordinary_table,
        transactions_left_as_they_are,
    }
    worlds = 20
    # An order shows what was done in one visit, so everybody writes by name in it.
    with seed():
        hits = attacked(
            worlds,
            kinds=(is_by_order,),
            habits=Habits(replies=0.9 if is_by_order else 0.1, is_anonymous_too=0),
        ).hits()

    assert max(hits.values()) > most(hits, worlds), best(hits)
