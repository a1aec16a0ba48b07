"""Search: what is asked, what is found, and the index that both rest on.

The only place with SQL of one database. Both find the same in the same order: stems,
their order and the marks in a hit are ours. There is no search by author, and the index
holds no name. Newest dilemma first, then its replies in their order: numbers that are
public already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Member
from forum.models import Findable, Post, PostState, ReplyKind, Thread
from forum.models.details import WORDS
from forum.models.findable import GAP
from forum.rendering import plain_text
from forum.stemming import Word, stems, words

PAGE_SIZE = 20
LONGEST_QUESTION = 200
SNIPPET = 220  # characters
# A shorter beginning would stand for a large part of all words.
SHORTEST_BEGINNING = 3
# PostgreSQL keeps no more places of one word in one text; a gap takes the rest.
MOST_PLACES = 200
# Room for the change numbers of one thread.
BITS = 24
LAST = (1 << BITS) - 1
BEYOND = (1 << 63) - 1

SQLITE = """
SELECT rowid FROM forum_findable_words
WHERE forum_findable_words MATCH %(match)s AND rowid < %(before)s
ORDER BY rowid DESC LIMIT %(most)s
"""
# Common words fill a page from the newest texts, and only of rarer ones all places are
# looked up. PostgreSQL, which guesses how common a word is, would walk through every
# text to find a word that is in none.
NEWEST = 3000
POSTGRES = """
WITH newest AS MATERIALIZED (
    SELECT number FROM (
        SELECT * FROM forum_findable WHERE number < %(before)s
        ORDER BY number DESC LIMIT %(newest)s
    ) AS latest
    WHERE {where} ORDER BY number DESC LIMIT %(most)s
), every AS MATERIALIZED (
    SELECT number FROM forum_findable
    WHERE (SELECT count(*) FROM newest) < %(most)s AND {where}
)
SELECT number FROM newest WHERE (SELECT count(*) FROM newest) = %(most)s
UNION ALL SELECT number FROM every
ORDER BY number DESC LIMIT %(most)s
"""


@dataclass(frozen=True)
class Question:
    """What is looked for: every phrase, each one stem or more in a row.

    ``beginning`` is the last word as it was typed, which may be half a word.
    """

    phrases: tuple[tuple[str, ...], ...] = ()
    beginning: str = ""

    def hits(self, text: str) -> list[Word]:
        """The words of ``text`` that were asked for, in order."""
        asked = {stem for phrase in self.phrases for stem in phrase}
        # No word begins with a space.
        beginning = self.beginning if self._is_begun else " "
        return [
            word
            for word in words(text)
            if word.stem in asked or word.folded.startswith(beginning)
        ]

    @property
    def _is_begun(self) -> bool:
        return len(self.beginning) >= SHORTEST_BEGINNING

    def alternatives(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Each phrase, and the beginning that may stand in its place."""
        for number, phrase in enumerate(self.phrases, start=1):
            is_last = number == len(self.phrases) and self._is_begun
            yield phrase, self.beginning if is_last else ""


@dataclass(frozen=True)
class Piece:
    """Some text, and whether it is a hit."""

    text: str
    is_hit: bool = False


@dataclass(frozen=True)
class Hit:
    """A post that was found, its title and the place in its text, marked."""

    post: Post
    title: list[Piece]
    snippet: list[Piece]


@dataclass(frozen=True)
class Found:
    """One page of hits, and the number that the next page starts below.

    ``is_asked`` is false when no word was left to look for.
    """

    hits: list[Hit]
    older: int | None = None
    is_asked: bool = False


NOTHING = Found([])


def read_question(asked: str) -> Question:
    """What ``asked`` means: words, and phrases in quotation marks.

    Everything else is no more than a space: there are no operators to misuse. Words
    that are too common are left out; nothing may be left then.
    """
    phrases: dict[tuple[str, ...], None] = {}
    beginning = ""
    for number, part in enumerate(re.split('["\u201c\u201d\u201e]', asked)):
        found = list(words(part))
        useful = [word.stem for word in found if word.stem]
        beginning = ""
        if number % 2:
            if useful:
                phrases[tuple(useful)] = None
            continue
        for stem in useful:
            phrases.pop((stem,), None)
            phrases[(stem,)] = None
        if found and found[-1].stem:
            beginning = found[-1].folded
    return Question(tuple(phrases), beginning)


def find(
    member: Member,
    question: Question,
    *,
    theme: str = "",
    has_outcome: bool | None = None,
    before: int | None = None,
) -> Found:
    """One page of what ``member`` may see and ``question`` hits: two queries."""
    if not question.phrases:
        return NOTHING
    numbers = _numbers(question, theme, has_outcome, before)
    posts = (
        Post.objects.visible_to(member)
        .filter(
            findable__in=numbers[:PAGE_SIZE],
            state=PostState.PUBLISHED,
            thread__is_listed=True,
        )
        .select_related("thread", "author", "alias")
        .defer("source", "fragments", "thread__fragments")
        .order_by("-findable")
    )
    older = numbers[PAGE_SIZE - 1] if len(numbers) > PAGE_SIZE else None
    return Found([_hit(post, question) for post in posts], older, is_asked=True)


def _numbers(
    question: Question, theme: str, has_outcome: bool | None, before: int | None
) -> list[int]:
    """The highest numbers below ``before``, one more than a page holds."""
    build = _for_sqlite if connection.vendor == "sqlite" else _for_postgres
    sql, values = build(question, theme, has_outcome)
    values |= {
        "before": BEYOND if before is None else before,
        "most": PAGE_SIZE + 1,
        "newest": NEWEST,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [number for (number,) in cursor.fetchall()]


def _for_sqlite(
    question: Question, theme: str, has_outcome: bool | None
) -> tuple[str, dict[str, str | int]]:
    """https://sqlite.org/fts5.html#full_text_query_syntax"""
    asked = []
    for phrase, beginning in question.alternatives():
        one = f'"{" ".join(phrase)}"'
        asked.append(f'({one} OR "{beginning}" *)' if beginning else one)
    match = f"stems : ({' AND '.join(asked)})"
    if theme:
        match += f' AND category : "{theme}"'
    if has_outcome is not None:
        match += f' AND has_outcome : "{int(has_outcome)}"'
    return SQLITE, {"match": match}


def _for_postgres(
    question: Question, theme: str, has_outcome: bool | None
) -> tuple[str, dict[str, str | int]]:
    """https://www.postgresql.org/docs/current/datatype-textsearch.html"""
    asked = []
    for phrase, beginning in question.alternatives():
        one = " <-> ".join(f"'{stem}'" for stem in phrase)
        asked.append(f"({one} | '{beginning}':*)" if beginning else f"({one})")
    where = "stems @@ %(match)s::tsquery AND number < %(before)s"
    values: dict[str, str | int] = {"match": " & ".join(asked)}
    if theme:
        where += " AND category = %(theme)s"
        values["theme"] = theme
    if has_outcome is not None:
        where += " AND has_outcome = %(has_outcome)s"
        values["has_outcome"] = has_outcome
    return POSTGRES.format(where=where), values


def _hit(post: Post, question: Question) -> Hit:
    text = " ".join(_parts(post))
    title = post.thread.title
    return Hit(
        post,
        _pieces(title, 0, len(title), question.hits(title)),
        _snippet(text, question),
    )


def _snippet(text: str, question: Question) -> list[Piece]:
    """The place with the most different hits, the first of them, cut between words."""
    hits = question.hits(text)
    best, most = 0, 0
    # The first fifty are looked at, each with what follows: a text may be all hits.
    for place, word in enumerate(hits[:50]):
        near = hits[place : place + 20]
        within = {h.stem for h in near if h.start - word.start < SNIPPET // 2}
        if len(within) > most:
            best, most = word.start, len(within)
    start = max(0, best - SNIPPET // 4)
    if start:
        start = text.find(" ", start, best) + 1 or best
    end = start + SNIPPET
    if end < len(text):
        last = text.rfind(" ", start, end)
        end = last if last > best else end
    pieces = _pieces(text, start, min(end, len(text)), hits)
    if start:
        pieces.insert(0, Piece("\u2026 "))
    if end < len(text):
        pieces.append(Piece("\u00a0\u2026"))
    return pieces


def _pieces(text: str, start: int, end: int, hits: Iterable[Word]) -> list[Piece]:
    """``text`` from ``start`` to ``end``, with its hits apart."""
    pieces = []
    for word in hits:
        if start <= word.start < end:
            pieces.append(Piece(text[start : word.start]))
            start = min(word.end, end)
            pieces.append(Piece(text[word.start : start], is_hit=True))
    pieces.append(Piece(text[start:end]))
    return [piece for piece in pieces if piece.text]


def index_posts(thread: Thread, posts: Iterable[Post]) -> None:
    """Bring the index up to date with ``posts`` of ``thread``, as they are now.

    Runs in the transaction of the change, after the numbers are given. A thread that
    is not listed has nothing in the index.
    """
    if not thread.is_listed:
        _of_thread(thread).delete()
        return
    gone = [_number(thread, post) for post in posts if not post.is_online]
    if gone:
        Findable.objects.filter(number__in=gone).delete()
    online = [post for post in posts if post.is_online]
    if online:
        Findable.objects.bulk_create(
            [_row(thread, post) for post in online],
            update_conflicts=True,
            unique_fields=["number"],
            update_fields=["stems", "category", "has_outcome"],
        )
    if any(post.is_dilemma for post in online):
        _of_thread(thread).update(
            category=thread.category, has_outcome=thread.has_outcome
        )


def index_thread(thread: Thread) -> int:
    """Make the index of a whole thread anew; returns how many texts it has."""
    _of_thread(thread).delete()
    online = thread.posts.filter(state=PostState.PUBLISHED) if thread.is_listed else []
    rows = [_row(thread, post) for post in online]
    Findable.objects.bulk_create(rows)
    return len(rows)


def _of_thread(thread: Thread) -> QuerySet[Findable]:
    return Findable.objects.filter(
        number__gte=thread.published_number << BITS,
        number__lt=(thread.published_number + 1) << BITS,
    )


def _number(thread: Thread, post: Post) -> int:
    """The thread's place in the room, then the post's in the thread, first to last."""
    return (thread.published_number << BITS) + LAST - post.published_number


def _row(thread: Thread, post: Post) -> Findable:
    parts = _parts(post)
    if post.kind == ReplyKind.DILEMMA:
        parts = [thread.title, *parts]
    return Findable(
        number=_number(thread, post),
        post=post,
        stems=f" {GAP} ".join(filter(None, map(_stems, parts))),
        category=thread.category,
        has_outcome=thread.has_outcome,
    )


def _stems(text: str) -> str:
    places: Counter[str] = Counter()
    kept = []
    for stem in stems(text):
        places[stem] += 1
        kept.append(stem if places[stem] <= MOST_PLACES else GAP)
    return " ".join(kept)


def tidy() -> str:
    """Wipe the words of texts that went from the index's files; returns a line.

    A deleted row leaves its words behind: in older parts of the index on SQLite until
    they are merged (https://sqlite.org/fts5.html#the_optimize_command), as keys
    without rows on PostgreSQL until the index is made anew.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "INSERT INTO forum_findable_words (forum_findable_words) "
                "VALUES ('optimize')"
            )
        else:
            cursor.execute("REINDEX INDEX forum_findable_stems")
    return "The search index is in order."


def _parts(post: Post) -> list[str]:
    """The words of ``post``, and of what it tells beside its text."""
    told = (post.details.get(name, "") for name in WORDS)
    return [plain_text(post.html), *(" ".join(each.split()) for each in told if each)]
