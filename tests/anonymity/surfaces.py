"""What an observer can hold: pages, frames, mails, log lines, counters, the database.

Everything is recorded as text under a name that says where it was found, so that two
worlds can be compared byte for byte.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import logging
import random
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

from django.apps import apps
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.blinded import BlindedRow
from directeurskamer.quiet_logs import QuietFormatter
from forum import hub
from forum.models import Category, Post, Thread
from forum.views.threads import VIEWS

Recorded = dict[str, str]

# Columns that keep a moment, and why. Every other time in a row is a whole hour.
MOMENTS = {
    "accounts_outgoing.due_at": "when a mail is tried again; the row goes with it",
    "forum_delivery.due_at": "when a digest is tried again; no post hangs on it",
    "forum_post.release_at": "a drawn tick of five minutes, erased when the text appears",
    "forum_scheduledremoval.due_at": "a drawn tick of five minutes; the row goes with it",
    "moderation_reviewitem.claimed_until": "a claim's lease, erased when it ends",
    "mfa_authenticator.created_at": "when a second factor was made; no sign-in, no post",
    "django_migrations.applied": "when the software was set up",
}
# Counters in memory that are left out, and why: no row, file or backup has them.
IN_MEMORY = {
    r":flood:[0-9a-f]{32}$": "under a tag: one per secret that sent a text within ten "
    "minutes, so that named and anonymous texts of one member share it",
    r":allauth:rl:allauth\.account:login_failed:.*:[0-9a-f]{64}$": "wrong passwords, by "
    "a hash of the address: left by everybody who confirms who they are, for five "
    "minutes",
}

# What to ask beside the bare address.
QUERIES: dict[str, tuple[str, ...]] = {
    "forum:thread_list": (
        "",
        *(f"?view={view}" for view in VIEWS if view != "active"),
        f"?theme={Category.TEAM}",
    ),
    "forum:thread_changes": ("?after=0",),
    "forum:room_changes": ("?after=0",),
    "forum:search_results": ("", "?q=stilte", '?q="kan spreken"&theme=team'),
}
# Parts of addresses that are no row's id: what is asked there instead.
PLACES = {
    "slot": ("1",),
    "category": ("team",),
    "token": ("absent",),
    "uidb36": ("absent",),
    "key": ("absent",),
    "pk": ("1",),
}


# Routes without a page of their own: they take POST only, lead elsewhere, or ask
# everybody for the proof of owner mode before they look anything up. They are asked
# in one scenario.
WITHOUT_PAGE = {
    "forum:reply_create",
    "forum:subscription",
    "forum:bookmark",
    "forum:mute",
    "forum:theme_subscription",
    "forum:read_mark",
    "forum:reaction",
    "forum:unread_mark",
    "forum:thread_ask",
    "forum:post_marks",
    "forum:owned_ask",
    "forum:owned_outcome",
    "forum:owned_wake",
    "forum:thread_wake",
    "forum:owned_marks",
    "forum:draft_delete",
    "forum:draft_save",
    "forum:owned_list",
    "forum:owned_detail",
    "forum:owned_edit",
    "forum:owned_withdraw",
    "own:leave",
    "own:owned_export",
    "moderation:claim_create",
    "moderation:decision_create",
}


def every_route(
    patterns: Iterable[URLPattern | URLResolver] | None = None,
    prefix: str = "/",
    space: str = "",
) -> Iterator[tuple[str, str]]:
    """Name and address of every route, with ``{kwarg}`` where an id stands."""
    found = get_resolver().url_patterns if patterns is None else patterns
    for pattern in found:
        path = prefix + _template(pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from every_route(pattern.url_patterns, path, inner)
        else:
            yield space + (pattern.name or path), path


def _template(pattern: URLPattern | URLResolver) -> str:
    text = str(pattern.pattern)
    text = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", text)
    text = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", text)
    return text.lstrip("^").rstrip("$")


def known_ids(kwarg: str, since: int = 0) -> list[str]:
    """What can stand in an address at ``kwarg``: ids of the rows that it is named for.

    Of threads and posts those that changed after the room's change number ``since``.

    A new kind of address whose part is named for no model belongs in PLACES.
    """
    if kwarg in PLACES:
        return list(PLACES[kwarg])
    if since and kwarg == "thread_id":
        return list(_ids(Thread.objects.filter(room_number__gt=since)))
    if since and kwarg == "post_id":
        return list(_ids(Post.objects.filter(thread__room_number__gt=since)))
    wanted = kwarg.removesuffix("_id").replace("_", "")
    for model in apps.get_models():
        name = model.__name__.lower()
        if name == wanted or (len(wanted) > 3 and name.endswith(wanted)):
            return list(_ids(model._default_manager.all()))
    raise LookupError(f"Say in PLACES what can stand at <{kwarg}> in an address.")


def _ids(rows: Any) -> Iterator[str]:
    return map(str, rows.order_by("pk").values_list("pk", flat=True))


def addresses(
    only: Callable[[str], bool], *, since: int = 0, with_queries: bool = True
) -> Iterator[str]:
    """Every address of the routes whose name ``only`` accepts, with known ids."""
    for name, template in every_route():
        if not only(name):
            continue
        filled = [template]
        for kwarg in re.findall(r"{(\w+)}", template):
            filled = [
                path.replace(f"{{{kwarg}}}", value)
                for path in filled
                for value in known_ids(kwarg, since)
            ]
        for path in filled:
            queries = QUERIES.get(name, ("",)) if with_queries else ("",)
            for query in queries:
                yield path + query


def answer_text(answer: Any) -> str:
    """Status, headers, cookies and body of an answer."""
    headers = "".join(f"{name}: {value}\n" for name, value in sorted(answer.items()))
    cookies = "".join(
        f"{cookie.OutputString()}\n" for cookie in answer.cookies.values()
    )
    return f"{answer.status_code}\n{headers}{cookies}\n{_body(answer.content)}"


def _body(content: bytes) -> str:
    """A page, or the files in an archive, whose bytes are told by their sum."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [
            f"{name}\n{archive.read(name).decode()}" for name in archive.namelist()
        ]
    return "\n".join([hashlib.sha256(content).hexdigest(), *files])


def look(client: Client, path: str) -> str:
    """What a browser gets at ``path``."""
    return answer_text(client.get(path))


class Seat:
    """A reader's socket as the hub sees it; keeps what it is handed, at once."""

    def __init__(self, member_id: str, session_key: str) -> None:
        self.loop: Any = _AtOnce()
        self.member_id = member_id
        self.session_key = session_key
        self.texts: list[str] = []
        self.topics: list[hub.Topic] = []

    def deliver(self, text: str) -> None:
        self.texts.append(text)

    def end(self) -> None:
        self.texts.append("closed")

    def follow(self, topic: hub.Topic) -> None:
        """Join ``topic``; a member has few threads in a scenario."""
        if not hub.join(topic, self):
            raise RuntimeError("This member follows too much for one scenario.")
        self.topics.append(topic)

    def stand_up(self) -> None:
        """Leave everything: the hub outlives the test."""
        for topic in self.topics:
            hub.leave(topic, self)


class _AtOnce:
    """An event loop for the hub that does what it is given without waiting."""

    def call_soon_threadsafe(self, act: Callable[..., object], *given: object) -> None:
        act(*given)

    call_soon = call_soon_threadsafe


class Lines(logging.Handler):
    """The log as an operator finds it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(QuietFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def logged() -> Iterator[Lines]:
    """Listen where the settings put the handlers of the log."""
    lines = Lines()
    loggers = [logging.getLogger(name) for name in ("", "kamer", "django")]
    for logger in loggers:
        logger.addHandler(lines)
    try:
        yield lines
    finally:
        for logger in loggers:
            logger.removeHandler(lines)


def mail_text(message: Any) -> str:
    """Envelope and bytes of a sent mail, headers included."""
    # The boundary between its parts is drawn when it is written out.
    random.seed(message.subject)
    sent: Message = message.message()
    return f"{message.from_email} {message.recipients()}\n{sent.as_string()}"


def mails() -> list[str]:
    """The mails that left, in order."""
    return [mail_text(message) for message in mail.outbox]


def cache_keys() -> str:
    """Names of the counters in memory and what they hold."""
    cache: Any = caches["default"]
    lines = []
    for key in sorted(cache._cache):
        if not any(re.search(form, key) for form in IN_MEMORY):
            lines.append(f"{key} = {cache._cache[key]!r}")
    return "\n".join(lines)


def blinded_tables() -> set[str]:
    """Tables of rows under a tag."""
    return {
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, BlindedRow)
    }


Row = dict[str, Any]


def database() -> dict[str, list[Row]]:
    """Every row of every table in its hidden order, and the state of sequences.

    On SQLite a hidden row number is a column of the dump; on PostgreSQL the order of
    the rows on disk and of the transactions that wrote them is.
    """
    is_sqlite = connection.vendor == "sqlite"
    dump = _sqlite_tables() if is_sqlite else _postgres_tables()
    for table, rows in dump.items():
        for row in rows:
            for column, value in row.items():
                if isinstance(value, memoryview):
                    row[column] = bytes(value)
        _check_hours(table, rows)
    return dump


def _rows(sql: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _sqlite_tables() -> dict[str, list[Row]]:
    kinds = _rows("SELECT name, wr FROM pragma_table_list WHERE schema = 'main'")
    has_none = {row["name"] for row in kinds if row["wr"]}
    dump = {
        "sqlite_sequence": _rows(
            "SELECT * FROM sqlite_sequence WHERE seq > 0 ORDER BY name"
        )
    }
    for table in sorted(connection.introspection.table_names()):
        hidden = "" if table in has_none else "rowid AS hidden_rowid, "
        order = "1" if table in has_none else "rowid"
        dump[table] = _rows(f'SELECT {hidden}* FROM "{table}" ORDER BY {order}')  # noqa: S608 - a table's own name
    return dump


def _postgres_tables() -> dict[str, list[Row]]:
    dump = {
        "sequences": _rows(
            "SELECT sequencename, last_value FROM pg_sequences ORDER BY sequencename"
        )
    }
    for table in sorted(connection.introspection.table_names()):
        dump[table] = _rows(
            f'SELECT xmin::text::bigint AS hidden_xmin, * FROM "{table}" ORDER BY ctid'  # noqa: S608 - the same
        )
    # Other databases of the server use up numbers too: only their order counts.
    used = sorted(
        {
            row["hidden_xmin"]
            for rows in dump.values()
            for row in rows
            if "hidden_xmin" in row
        }
    )
    place = {number: index for index, number in enumerate(used)}
    for rows in dump.values():
        for row in rows:
            if "hidden_xmin" in row:
                row["hidden_xmin"] = place[row["hidden_xmin"]]
    return dump


def _check_hours(table: str, rows: list[Row]) -> None:
    """A time that is no whole hour becomes visible as a column of its own."""
    for row in rows:
        for column in list(row):
            moment = _moment(table, column, row[column])
            if moment and (moment.minute or moment.second or moment.microsecond):
                row[f"{column} keeps a moment"] = True


def _moment(table: str, column: str, value: object) -> dt.datetime | None:
    if f"{table}.{column}" in MOMENTS:
        return None
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*", value
    ):
        return dt.datetime.fromisoformat(value)
    return None
