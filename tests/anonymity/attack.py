"""A thief with copies of the database, made at different moments, and no key ring.

The thief knows the code, the candidates and which anonymous text it is about. Every
way of guessing is a clue: a number per candidate, from columns, counts, sizes, hidden
orders, transaction numbers, names and raw pages. Each clue guesses on its own, highest
and lowest; one more guess weighs all of them by how they did on worlds whose answer
the thief knows, as somebody does who planted texts of their own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from math import comb, sqrt
from typing import Any

from django.db import connection

from accounts.tags import TAG_BYTES, Domain
from forum.aliases import NAMES
from tests.anonymity import surfaces
from tests.anonymity.surfaces import Row

PAGE = 4096
# Columns that name a row, the first that is there.
KEYS = ("id", "tag", "session_key", "member_id", "post_id")
Clues = dict[str, list[float]]


@dataclass(frozen=True)
class Copy:
    """The database at one moment: rows in their hidden order and, on SQLite, its file."""

    tables: dict[str, list[Row]]
    raw: bytes = b""

    @cached_property
    def rows(self) -> dict[str, dict[str, Row]]:
        """Rows by table and key."""
        return {
            table: {_key(row): row for row in rows}
            for table, rows in self.tables.items()
        }

    @cached_property
    def owned(self) -> dict[str, dict[str, list[Row]]]:
        """Rows by table and by the short text that one of their columns is."""
        found: dict[str, dict[str, list[Row]]] = {}
        for table, rows in self.tables.items():
            by_value = found[table] = defaultdict(list)
            for row in rows:
                for value in {v for v in row.values() if isinstance(v, str)}:
                    if len(value) < 100:
                        by_value[value].append(row)
        return found


def take_copy() -> Copy:
    """What a thief finds now. On SQLite with the bytes of the file itself."""
    raw = b""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        raw = connection.connection.serialize()
    return Copy(surfaces.database(), raw)


@dataclass(frozen=True)
class Candidate:
    """Somebody who may have written it, as the thief knows them."""

    id: str
    email: str
    name: str


@dataclass(frozen=True)
class Loot:
    """Two copies, and the anonymous text that came between them."""

    before: Copy
    after: Copy
    post_id: str
    candidates: Sequence[Candidate]

    @cached_property
    def post(self) -> Row:
        return self.after.rows["forum_post"][self.post_id]

    @cached_property
    def alias(self) -> Row:
        return self.after.rows["forum_alias"][self.post["alias_id"]]

    @cached_property
    def thread(self) -> Row:
        return self.after.rows["forum_thread"][self.post["thread_id"]]

    @cached_property
    def fresh(self) -> dict[str, list[Row]]:
        """Rows that are new, or other than they were, in their hidden order."""
        return {
            table: [
                row
                for row in rows
                if _open(row) != _open(self.before.rows.get(table, {}).get(_key(row)))
            ]
            for table, rows in self.after.tables.items()
        }

    @cached_property
    def named(self) -> dict[str, list[int]]:
        """Places of each candidate's named posts in the hidden order of posts."""
        places = defaultdict(list)
        for place, row in enumerate(self.after.tables["forum_post"]):
            if row["author_id"]:
                places[row["author_id"]].append(place)
        return places


def _key(row: Row) -> str:
    return next((str(row[name]) for name in KEYS if name in row), repr(row))


def _open(row: Row | None) -> Row | None:
    """The row without what only its place tells."""
    if row is None:
        return None
    return {k: v for k, v in row.items() if not k.startswith("hidden")}


def clues(loot: Loot) -> Clues:
    """A number per candidate from everything that we could think of."""
    found: Clues = {}
    for look in (_facts, _mentions, _rows_of, _orders, _transactions, _derived, _pages):
        for name, told in look(loot):
            found[name] = [float(told(each)) for each in loot.candidates]
    return found


Told = tuple[str, Callable[[Candidate], float]]


def _facts(loot: Loot) -> Iterator[Told]:
    """What an account is, against what the text is."""
    members = loot.after.rows["accounts_member"]

    def told(name: str) -> Callable[[Candidate], Any]:
        return lambda one: members[one.id][name]

    yield "language", lambda one: told("language")(one) == loot.post["lang"]
    yield "region", lambda one: told("region")(one) == "unknown"
    yield (
        "themes of the digest",
        lambda one: loot.thread["category"] in told("digest_categories")(one),
    )
    yield "age of account", lambda one: _ordinal(told("admitted_on")(one))
    yield "last sign-in", lambda one: _ordinal(told("last_signed_in_on")(one))
    yield "named posts", lambda one: len(loot.named[one.id])
    yield (
        "named posts on the theme",
        lambda one: sum(
            loot.after.rows["forum_thread"][row["thread_id"]]["category"]
            == loot.thread["category"]
            for row in loot.after.owned["forum_post"].get(one.id, ())
        ),
    )
    yield (
        "named posts in the hour",
        lambda one: sum(
            row["written_at"] == loot.post["written_at"]
            for row in loot.after.owned["forum_post"].get(one.id, ())
        ),
    )


def _ordinal(value: object) -> int:
    if isinstance(value, str):
        value = dt.date.fromisoformat(value)
    return value.toordinal() if isinstance(value, dt.date) else 0


def _mentions(loot: Loot) -> Iterator[Told]:
    """Rows that name a candidate and the text, its thread or its alias at once."""
    target = {loot.post_id, loot.post["scope"], loot.alias["id"], loot.alias["tag"]}
    target |= {loot.alias["name"], loot.thread["id"], loot.thread["scope"]}
    target -= {""}
    texts = [
        (table, json.dumps(row, default=str))
        for table, rows in loot.fresh.items()
        for row in rows
    ]

    def both(one: Candidate) -> int:
        return sum(
            one.id in text or one.email in text
            for _table, text in texts
            if any(value in text for value in target)
        )

    yield "named beside it", both
    # In rows under tags nobody should be named at all.
    blinded = surfaces.blinded_tables()
    yield (
        "named under a tag",
        lambda one: sum(one.id in text for table, text in texts if table in blinded),
    )


def _rows_of(loot: Loot) -> Iterator[Told]:
    """The candidate's own rows: how many changed, by how much, and how long they are."""
    ids = {value for each in loot.candidates for value in (each.id, each.email)}
    for table, now in loot.after.owned.items():
        if ids & now.keys():
            yield from _rows_in(table, loot)


def _rows_in(table: str, loot: Loot) -> Iterator[Told]:
    now, was = loot.after.owned[table], loot.before.owned.get(table, {})
    fresh = {_key(row) for row in loot.fresh[table]}
    written = Counter(row["author_id"] for row in loot.fresh["forum_post"])

    def mine(rows: Mapping[str, list[Row]], one: Candidate) -> list[Row]:
        return [*rows.get(one.id, ()), *rows.get(one.email, ())]

    def changed(one: Candidate) -> float:
        return sum(_key(row) in fresh for row in mine(now, one))

    def more(measure: Callable[[Row], float], one: Candidate) -> float:
        return sum(map(measure, mine(now, one))) - sum(map(measure, mine(was, one)))

    yield f"{table}: changed", changed
    yield (
        f"{table}: changed beyond named posts",
        lambda one: changed(one) - written[one.id],
    )
    yield f"{table}: rows", partial(more, _one)
    yield (
        f"{table}: rows beyond named posts",
        lambda one: more(_one, one) - written[one.id],
    )
    yield f"{table}: counted", partial(more, _amount)
    yield (
        f"{table}: counted beyond named posts",
        lambda one: more(_amount, one) - written[one.id],
    )
    yield f"{table}: grew", partial(more, _length)
    yield f"{table}: moved", partial(more, _place)
    yield f"{table}: length", lambda one: sum(map(_length, mine(now, one)))


def _one(row: Row) -> float:
    return 1


def _length(row: Row) -> int:
    return sum(len(v) for v in row.values() if isinstance(v, str | bytes))


def _amount(row: Row) -> float:
    return sum(
        float(value)
        for name, value in row.items()
        if isinstance(value, int | float) and not name.startswith("hidden")
    )


def _place(row: Row) -> float:
    return sum(float(v) for name, v in row.items() if name.startswith("hidden"))


def _orders(loot: Loot) -> Iterator[Told]:
    """Who stands beside the text in the hidden order of a table."""
    posts = loot.after.tables["forum_post"]
    place = posts.index(loot.post)
    yield from _beside("posts", place, loot.named)

    authors = {row["id"]: row["author_id"] for row in posts}
    used = loot.after.tables["forum_once"]
    yield from _beside(
        "used forms",
        _first(i for i, row in enumerate(used) if row["post_id"] == loot.post_id),
        _places((i, authors.get(row["post_id"])) for i, row in enumerate(used)),
    )
    # The first lock of a named author in a thread came with the first named post.
    locks = loot.fresh["forum_identitylock"]
    new_posts = loot.fresh["forum_post"]
    seen: set[tuple[str, str]] = set()
    order = []
    for row in new_posts:
        pair = (row["thread_id"], row["author_id"])
        if row["author_id"] and pair not in seen:
            seen.add(pair)
            order.append(row["author_id"])
    named = [i for i, row in enumerate(locks) if row["mode"] == "named"]
    yield from _beside(
        "locks",
        _first(i for i, row in enumerate(locks) if row["mode"] == "anonymous"),
        _places(zip(named, order, strict=False)),
    )
    # The nth of those whose row moved, and the nth of the texts.
    among = new_posts.index(loot.post) / len(new_posts)
    for table, rows in loot.fresh.items():
        at = {
            value: number / len(rows)
            for number, row in enumerate(rows)
            for value in row.values()
            if isinstance(value, str) and len(value) < 100
        }
        if any(each.id in at for each in loot.candidates):
            yield f"{table}: as far on as the text", partial(_as_far, at, among)
    everyone = [row["id"] for row in loot.after.tables["accounts_member"]]
    yield "members: place", lambda one: everyone.index(one.id)


def _as_far(at: Mapping[str, float], among: float, one: Candidate) -> float:
    return -abs(at.get(one.id, 9) - among)


def _first(places: Iterable[int]) -> int | None:
    return next(iter(places), None)


def _places(pairs: Iterable[tuple[int, str | None]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, whose in pairs:
        if whose:
            found[whose].append(place)
    return found


def _beside(
    name: str, place: float | None, others: Mapping[str, list[int]]
) -> Iterator[Told]:
    if place is None:
        return

    def distance(one: Candidate, sign: int = 0) -> float:
        gaps = [other - place for other in others.get(one.id, ())]
        kept = [abs(gap) for gap in gaps if not sign or gap * sign > 0]
        return -min(kept, default=10**9)

    yield f"{name}: beside", distance
    yield f"{name}: just before", lambda one: distance(one, -1)
    yield f"{name}: just after", lambda one: distance(one, 1)


def _transactions(loot: Loot) -> Iterator[Told]:
    """On PostgreSQL: whose row was written just before or after, in any table."""
    if "hidden_xmin" not in loot.alias:
        return
    for what, row in (("text", loot.post), ("alias", loot.alias)):
        for table, owned in loot.after.owned.items():
            others = {
                each.id: [
                    found["hidden_xmin"]
                    for value in (each.id, each.email)
                    for found in owned.get(value, ())
                    if "hidden_xmin" in found
                ]
                for each in loot.candidates
            }
            if any(others.values()):
                yield from _beside(
                    f"{table}: transactions of the {what}", row["hidden_xmin"], others
                )


def _derived(loot: Loot) -> Iterator[Told]:
    """Names, tags and ids that somebody might have computed from who it is."""
    wrapped = {
        row["member_id"]: bytes(row["wrapped"])
        for row in loot.after.tables["accounts_membersecret"]
    }
    tags = {loot.alias["tag"]} | {
        row["tag"]
        for table in ("forum_identitylock", "forum_once")
        for row in loot.fresh[table]
    }

    def keys(one: Candidate) -> Iterator[bytes]:
        yield from (one.id.encode(), one.email.encode(), one.name.encode())
        yield wrapped[one.id]

    def is_name(one: Candidate) -> bool:
        return loot.alias["name"] in {
            name
            for key in keys(one)
            for scope in (b"", loot.thread["id"].encode())
            for name in _names_from(key + scope)
        }

    def is_tag(one: Candidate) -> bool:
        guessed = {
            hmac.digest(key, domain.encode() + b"\0" + scope.encode(), "sha256")
            for key in keys(one)
            for domain in (Domain.AUTHOR, Domain.LOCK)
            for scope in (loot.thread["scope"], loot.thread["id"])
        }
        return any(each[:TAG_BYTES].hex() in tags for each in guessed)

    yield "name from the member", is_name
    yield "tag from the member", is_tag
    yield (
        "bytes in common",
        lambda one: sum(
            a == b
            for a, b in zip(
                wrapped[one.id], bytes.fromhex(loot.alias["tag"]), strict=False
            )
        ),
    )


def _names_from(seed: bytes) -> Iterator[str]:
    for kind in ("md5", "sha1", "sha256"):
        digest = hashlib.new(kind, seed).digest()
        for number in (digest, digest[:4], digest[:8]):
            yield NAMES[int.from_bytes(number, "big") % len(NAMES)]
    yield random.Random(seed).choice(NAMES)  # noqa: S311 - as somebody might have


def _pages(loot: Loot) -> Iterator[Told]:
    """On SQLite: pages of the file that name a candidate, changed or near the text."""
    if not loot.after.raw:
        return
    wanted = [each.id for each in loot.candidates]
    target = [loot.post_id, loot.alias["id"], loot.alias["tag"]]
    was = _found_in(loot.before.raw, wanted)
    now = _found_in(loot.after.raw, [*wanted, *target])
    near = set[int]().union(*(now[value] for value in target))
    fresh = {
        page
        for page in set[int]().union(*now.values())
        if _page(loot.after.raw, page) != _page(loot.before.raw, page)
    }
    yield (
        "file: named more often",
        lambda one: now[one.id].total() - was[one.id].total(),
    )
    yield "file: pages changed", lambda one: len(now[one.id].keys() & fresh)
    yield "file: on one page", lambda one: len(now[one.id].keys() & near)
    yield (
        "file: on the page beside",
        lambda one: sum({page - 1, page + 1} & near != set() for page in now[one.id]),
    )


def _found_in(raw: bytes, wanted: Iterable[str]) -> dict[str, Counter[int]]:
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for match in re.finditer("|".join(wanted).encode(), raw):
        found[match[0].decode()][match.start() // PAGE] += 1
    return found


def _page(raw: bytes, number: int) -> bytes:
    return raw[number * PAGE : (number + 1) * PAGE]


class Attack:
    """Guesses over many worlds, counted for every clue and for all of them together."""

    def __init__(self, *, seed: int) -> None:
        # Between equals the thief draws lots, with a source apart from the room's.
        self._lots = random.Random(seed)  # noqa: S311 - the thief's, no secret
        self._worlds: list[tuple[Clues, int]] = []

    def add(self, found: Clues, author: int) -> None:
        """One world: the clues, and who it really was."""
        self._worlds.append((found, author))

    def hits(self) -> dict[str, int]:
        """How often each way of guessing was right."""
        names = {name for found, _author in self._worlds for name in found}
        counted: Counter[str] = Counter()
        for found, author in self._worlds:
            for name in sorted(names):
                values = found.get(name, [])
                counted[f"{name}, most"] += self._most(values) == author
                counted[f"{name}, least"] += self._most([-v for v in values]) == author
        counted["all together"] = self._learned(sorted(names))
        return dict(counted)

    def _most(self, values: Sequence[float], size: int = 20) -> int:
        if not values:
            return self._lots.randrange(size)
        top = max(values)
        return self._lots.choice([i for i, v in enumerate(values) if v == top])

    def _learned(self, names: list[str]) -> int:
        """Right guesses when every half is guessed with what the other half taught."""
        marks = [
            ({name: _standard(found.get(name, [])) for name in names}, author)
            for found, author in self._worlds
        ]
        right = 0
        # In pairs: worlds of two kinds take turns, and each half has both.
        for half in (0, 1):
            taught = [mark for i, mark in enumerate(marks) if i // 2 % 2 != half]
            asked = [mark for i, mark in enumerate(marks) if i // 2 % 2 == half]
            weights = {
                name: sum(m[name][author] for m, author in taught if m[name])
                / max(1, len(taught))
                for name in names
            }
            for mark, author in asked:
                totals = [0.0] * 20
                for name in names:
                    for i, value in enumerate(mark[name]):
                        totals[i] += weights[name] * value
                right += self._most(totals) == author
        return right


def _standard(values: Sequence[float]) -> list[float]:
    if not values:
        return []
    mean = sum(values) / len(values)
    spread = sqrt(sum((v - mean) ** 2 for v in values) / len(values))
    return [(v - mean) / spread if spread else 0.0 for v in values]


def most_by_chance(worlds: int, ways: int, *, among: int, alarm: float) -> int:
    """The most hits that chance gives, but for a false alarm of at most ``alarm``.

    A binomial tail for each of ``ways`` guesses, added up (Bonferroni).
    """
    chance = 1 / among
    tail = 0.0
    for hits in range(worlds, -1, -1):
        tail += comb(worlds, hits) * chance**hits * (1 - chance) ** (worlds - hits)
        if tail * ways > alarm:
            return hits
    return 0
