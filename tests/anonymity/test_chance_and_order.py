from __future__ import annotations

import ast
import datetime as dt
import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, connections, models

from accounts.blinded import BlindedRow
from accounts.models import Draft, Member
from forum.aliases import NAMES, alias_for
from forum.models import (
    Alias,
    Ask,
    Category,
    IdentityLock,
    Once,
    Post,
    Reaction,
    ReadMark,
    Thread,
)
from moderation.models import Flag
from tests.factories import make_member, make_reply, make_thread

ROOT = Path(__file__).resolve().parent.parent.parent
# From an anonymous post to a member: through its author, which is empty then, and
# through the acts of moderators, who are members by name.
BY_NAME = {
    "forum.Post.author",
    "moderation.ReviewItem.claimed_by",
    "moderation.Decision.decided_by",
    "moderation.UnsealingRequest.asked_by",
    "moderation.UnsealingRequest.approved_by",
    "accounts.Application.member",
}


def ways_to_a_member() -> Iterator[str]:
    """Every column by which a row that hangs on a post can lead to a member."""
    seen: set[type[models.Model]] = set()
    waiting: list[type[models.Model]] = [Post]
    while waiting:
        model = waiting.pop()
        if model in seen or model is Member:
            continue
        seen.add(model)
        for field in model._meta.get_fields():
            target = field.related_model
            if not isinstance(target, type) or not issubclass(target, models.Model):
                continue
            if target is Member and isinstance(field, models.Field):
                yield f"{model._meta.label}.{field.name}"
            waiting.append(target)


def test_an_04_nothing_leads_from_an_anonymous_post_to_a_member() -> None:
    assert set(ways_to_a_member()) <= BY_NAME


def test_an_04_no_row_of_an_anonymous_post_holds_a_value_of_its_author(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    make_reply(member, thread, under_alias=True)
    make_thread(member, under_alias=True)
    values = {member.pk, member.email, member.display_name}

    for model in (*apps.get_app_config("forum").get_models(), *blinded_models()):
        for row in model._default_manager.values():
            assert not values & set(map(str, row.values())), model


# Who may open a secret, and who may ask "is this mine?": never a job, a template or a
# page of staff. The import contract says the same of the key ring.
FOR_ITSELF = {"by", "member", "request.user"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for app in ("accounts", "forum", "moderation", "directeurskamer"):
        for file in (ROOT / app).rglob("*.py"):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            yield name, ast.parse(file.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_an_10_what_is_mine_is_asked_for_the_member_of_the_request_only() -> None:
    asked = 0
    for name, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in {"is_own", "own_aliases", "own_tag", "own_tags"}:
                asked += 1
                assert ast.unparse(node.args[0]) in FOR_ITSELF, name

    assert asked > 10


def blinded_models() -> list[type[BlindedRow]]:
    return [Draft, Flag, IdentityLock, Once, Reaction, ReadMark]


MEMBERS, THREADS = 20, 500
# A chi-square that strays so many of its standard deviations: once in 10**8 or so.
FAR = 6.0


@dataclass(frozen=True)
class Drawn:
    """A name, and everything that it must not follow."""

    name: str
    member: int
    tag: str
    time: int
    place: int

    @property
    def words(self) -> tuple[str, str]:
        adjective, noun = self.name.split()
        return adjective, noun


@contextmanager
def seeded_source() -> Iterator[None]:
    """The system's source gives way to one that tells the same twice."""
    source = random.Random(20260101)  # noqa: S311 - a seed is the point
    with (
        mock.patch.object(secrets, "choice", source.choice),
        mock.patch.object(secrets, "token_bytes", source.randbytes),
        mock.patch.object(
            secrets, "token_hex", lambda size: source.randbytes(size).hex()
        ),
    ):
        yield


def draw_all() -> list[Drawn]:
    """Aliases of 20 members in 500 threads, hour after hour, made by the forum."""
    members = [make_member() for _ in range(MEMBERS)]
    threads = Thread.objects.bulk_create(
        Thread(title="Wie kijkt er mee?", category=Category.TEAM, ask=Ask.ADVICE)
        for _ in range(THREADS)
    )
    drawn = []
    with time_machine.travel(dt.datetime(2026, 11, 20, tzinfo=dt.UTC)) as clock:
        for hour, thread in enumerate(threads):
            clock.shift(dt.timedelta(hours=1))
            for place in range(MEMBERS):
                number = (place * 7 + hour) % MEMBERS
                alias = alias_for(members[number], thread)
                drawn.append(Drawn(alias.name, number, alias.tag, hour, place))
    return drawn


def strays(pairs: Iterable[tuple[object, object]]) -> float:
    """How far the chi-square of a table of two things is from what chance gives.

    In standard deviations; below zero the cells are more alike than chance makes them.
    """
    cells = Counter(pairs)
    rows, columns = Counter[object](), Counter[object]()
    for (row, column), count in cells.items():
        rows[row] += count
        columns[column] += count
    total = cells.total()
    chi_square = 0.0
    for row, in_row in rows.items():
        for column, in_column in columns.items():
            expected = in_row * in_column / total
            chi_square += (cells[row, column] - expected) ** 2 / expected
    freedom = (len(rows) - 1) * (len(columns) - 1)
    return float((chi_square - freedom) / (2 * freedom) ** 0.5)


def strays_from_even(names: Iterable[str]) -> float:
    counts = Counter(names)
    expected = counts.total() / len(NAMES)
    chi_square = sum((counts[name] - expected) ** 2 / expected for name in NAMES)
    freedom = len(NAMES) - 1
    return float((chi_square - freedom) / (2 * freedom) ** 0.5)


def followed(drawn: list[Drawn]) -> dict[str, float]:
    """How far the two words of a name stray with each thing they must not follow."""
    things: dict[str, Callable[[int, Drawn], object]] = {
        "member": lambda number, each: each.member,
        "start of the tag": lambda number, each: each.tag[0],
        "end of the tag": lambda number, each: each.tag[-1],
        "hour of the day": lambda number, each: each.time % 24,
        "weeks": lambda number, each: each.time // 25,
        "place in the thread": lambda number, each: each.place,
        "name before it": lambda number, each: drawn[number - 1].words[0],
    }
    return {
        f"{what}, {('adjective', 'noun')[word]}": strays(
            (of(number, each), each.words[word]) for number, each in enumerate(drawn)
        )
        for what, of in things.items()
        for word in (0, 1)
    }


@pytest.mark.worlds
@pytest.mark.django_db
def test_an_14_ten_thousand_aliases_are_even_and_follow_nothing() -> None:
    with seeded_source():
        drawn = draw_all()

    assert len(drawn) == 10_000
    assert len({each.tag for each in drawn}) == Alias.objects.count() == 10_000
    assert abs(strays_from_even(each.name for each in drawn)) < FAR
    told = followed(drawn)
    assert {what: far for what, far in told.items() if abs(far) >= FAR} == {}


@pytest.mark.parametrize("what", ["member", "tag", "time", "place"])
def test_an_14_a_name_that_follows_something_is_noticed(what: str) -> None:
    source = random.Random(20260102)  # noqa: S311 - a seed is the point

    def named(each: Drawn) -> Drawn:
        # Every tenth name only: a rule with exceptions is a rule.
        value = getattr(each, what)
        number = int(value[0], 16) if what == "tag" else int(value)
        follows = source.random() < 0.1
        name = NAMES[number * 31 % len(NAMES)] if follows else source.choice(NAMES)
        return replace(each, name=name)

    drawn = [
        named(Drawn("", n % 20, source.randbytes(16).hex(), n // 20, n % 20))
        for n in range(10_000)
    ]

    assert max(followed(drawn).values()) > FAR


def test_an_14_name_is_one_choice_among_all_that_are_free(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(member)
    taken = alias_for(other_member, thread).name
    offered: list[list[str]] = []

    def choose(names: list[str]) -> str:
        # Ids are drawn from the same source, one character at a time.
        if len(names[0]) > 1:
            offered.append(names)
        return names[-1]

    with mock.patch.object(secrets, "choice", choose):
        name = alias_for(member, thread).name

    assert offered == [[each for each in NAMES if each != taken]]
    assert name == offered[0][-1]


def test_an_15_two_threads_of_one_author_share_no_value_of_theirs(
    member: Member, other_member: Member
) -> None:
    own = [values_of(make_thread(member, under_alias=True)) for _ in range(2)]
    another = values_of(make_thread(other_member, under_alias=True))

    # What two threads of one author share is what two of different authors share.
    assert own[0] & own[1] == own[0] & another


def values_of(thread: Thread) -> set[str]:
    """Every value in the rows of a thread, less what the texts are about."""
    rows: list[Any] = [
        *Thread.objects.filter(pk=thread.pk).values(),
        *Post.objects.filter(thread=thread).values(),
        *Alias.objects.filter(thread=thread).values(),
    ]
    once = Once.objects.filter(post_id__in=thread.posts.values("pk")).values()
    plain = {"fragments"}
    return {
        f"{column}={value}"
        for row in [*rows, *once]
        for column, value in row.items()
        if column not in plain and not column.endswith("number")
    }


def together(acts: list[Callable[[], object]], workers: int) -> list[BaseException]:
    """Do ``acts`` on so many threads at once; returns what was refused."""
    faults: list[BaseException] = []
    waiting = iter(acts)
    lock = threading.Lock()
    gate = threading.Barrier(workers)

    def work() -> None:
        gate.wait()
        try:
            while True:
                with lock:
                    act = next(waiting, None)
                if act is None:
                    return
                try:
                    act()
                except ValidationError as fault:
                    faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


@pytest.mark.django_db(transaction=True)
def test_an_13_no_secret_gets_both_kinds_in_200_simultaneous_pairs() -> None:
    members = [make_member() for _ in range(20)]
    threads = [make_thread(make_member()) for _ in range(10)]

    def send(member: Member, thread: Thread, under_alias: bool) -> Callable[[], object]:
        return lambda: make_reply(
            Member.objects.get(pk=member.pk), thread, under_alias=under_alias
        )

    pairs = [(member, thread) for member in members for thread in threads]
    # Both halves of a pair stand next to each other, so that two workers have them.
    acts = [
        send(member, thread, under_alias)
        for number, (member, thread) in enumerate(pairs)
        for under_alias in ((True, False) if number % 2 else (False, True))
    ]
    refused = together(acts, workers=4)

    assert len(pairs) == 200
    assert len(refused) == 200
    assert Post.objects.exclude(kind="dilemma").count() == 200
    assert IdentityLock.objects.count() == 200 + len(threads)
    for thread in threads:
        for member in members:
            named = thread.posts.filter(author=member).count()
            assert named <= 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_35_after_purge_rows_under_a_tag_lie_in_the_order_of_their_tags() -> None:
    member = make_member()
    thread = make_thread(member)
    for _ in range(12):
        make_reply(make_member(), thread, under_alias=True)
    assert order_on_disk() != sorted(order_on_disk())

    call_command("purge", verbosity=0, stdout=mock.Mock())

    assert order_on_disk() == sorted(order_on_disk())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_35_after_purge_no_row_tells_beside_which_other_it_was_written() -> None:
    thread = make_thread(make_member())
    for _ in range(12):
        make_reply(make_member(), thread, under_alias=True)
    tables = [model._meta.db_table for model in apps.get_models()]
    assert any(len(transactions(table)) > 1 for table in tables)

    call_command("purge", verbosity=0, stdout=mock.Mock())

    assert all(len(transactions(table)) <= 1 for table in tables)
    members = [str(pk) for (pk,) in on_disk("id", "accounts_member")]
    assert members == sorted(members)


def transactions(table: str) -> set[object]:
    return set(on_disk("xmin::text", table))


def on_disk(column: str, table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {column} FROM "{table}" ORDER BY ctid')  # noqa: S608 - names of ours
        return list(cursor.fetchall())


def order_on_disk() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tag FROM forum_identitylock ORDER BY ctid")
        return [tag for (tag,) in cursor.fetchall()]
