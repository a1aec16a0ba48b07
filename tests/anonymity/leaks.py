"""Leaks, seeded one at a time: each gives an author away where the room does not.

This is the one place where our own code is patched, since that is the point: a test
that sees nothing must be shown to see these. Each leak knows the scenario that brings
it out and the surface on which it must be found.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.utils import timezone

from accounts import keyring, limits, sanctions
from accounts.models import Application, Member, Outgoing
from accounts.sessions import SessionStore
from accounts.shelf import change_shelf
from directeurskamer import exporting
from forum import aliases, digests, hub, leaving, live, permissions, posting
from forum.aliases import is_own
from forum.exporting import own_anonymous_texts, own_texts
from forum.models import Alias, Post, ReadMark
from forum.text_checks.findings import Finding
from forum.text_checks.own_details import OwnDetails, check_own
from forum.views import posts as post_views
from forum.views import threads as thread_views
from forum.withdrawing import take_away
from moderation import deciding, queue, sanctioning
from moderation.models import ReviewItem
from tests.anonymity import scenarios
from tests.anonymity.worlds import Scenario


@dataclass(frozen=True)
class Leak:
    """A leak, the scenario that shows it, and the surface where it is seen."""

    seed: Callable[[], AbstractContextManager[object]]
    scenario: Scenario
    surface: str


@contextmanager
def _table(name: str, columns: str) -> Iterator[None]:
    """A table that should not be there."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} ({columns})")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {name}")


def _insert(table: str, *values: str | int) -> None:
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608 - a name of this file


@contextmanager
def _after_posting(act: Callable[[Member, Post], None]) -> Iterator[None]:
    """Do ``act`` in the transaction of every new post, knowing who wrote it."""
    write = posting._write

    def told(by: Member, thread: Any, **fields: Any) -> Post:
        post = write(by, thread, **fields)
        act(by, post)
        return post

    with mock.patch.object(posting, "_write", told):
        yield


def hidden_rowid() -> AbstractContextManager[None]:
    return _ordinary_locks()


@contextmanager
def _ordinary_locks() -> Iterator[None]:
    def remake(tail: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE forum_identitylock")
            cursor.execute(
                "CREATE TABLE forum_identitylock (tag varchar(32) NOT NULL "
                f"PRIMARY KEY, mode varchar(9) NOT NULL){tail}"
            )

    remake("")
    try:
        yield
    finally:
        remake(" WITHOUT ROWID")


@contextmanager
def rate_limit_rows() -> Iterator[None]:
    count = limits.count_text

    def counted(member: Member) -> None:
        count(member)
        _insert("texts_sent", member.pk)

    with (
        _table("texts_sent", "member_id varchar(20)"),
        mock.patch.object(posting, "count_text", counted),
    ):
        yield


@contextmanager
def author_id_in_json() -> Iterator[None]:
    part = live._post_part
    authors: dict[str, str] = {}

    def with_author(post: Post, language: str, is_new: bool) -> Any:
        found: Any = part(post, language, is_new)
        return {**found, "author": authors.get(post.pk, "")}

    def remember(by: Member, post: Post) -> None:
        authors[post.pk] = by.pk

    with _after_posting(remember), mock.patch.object(live, "_post_part", with_author):
        yield


@contextmanager
def _publishing(
    hand_out: Callable[[Any, str, str], str | None],
) -> Iterator[None]:
    """Frames that depend on who receives and who wrote."""
    authors = [""]

    def publish(topic: hub.Topic, text: str) -> None:
        for seat in list(hub._by_topic.get(topic, ())):
            told = hand_out(seat, authors[0], text)
            if told is not None:
                seat.deliver(told)

    def remember(by: Member, post: Post) -> None:
        authors[0] = by.pk

    with _after_posting(remember), mock.patch.object(hub, "publish", publish):
        yield


def is_mine_in_a_frame() -> AbstractContextManager[None]:
    def with_is_mine(seat: Any, author: str, text: str) -> str:
        return json.dumps({**json.loads(text), "is_mine": seat.member_id == author})

    return _publishing(with_is_mine)


def sender_left_out_of_the_group() -> AbstractContextManager[None]:
    return _publishing(
        lambda seat, author, text: None if seat.member_id == author else text
    )


@contextmanager
def sender_left_out_of_the_digest() -> Iterator[None]:
    authors: set[str] = set()
    send = digests.send

    def send_to_others(delivery: Any, *rest: Any) -> str:
        if delivery.member_id in authors:
            return digests._finish(delivery, "skipped")
        return send(delivery, *rest)

    def remember(by: Member, post: Post) -> None:
        if post.is_anonymous and post.is_dilemma:
            authors.add(by.pk)

    with _after_posting(remember), mock.patch.object(digests, "send", send_to_others):
        yield


def follow_row_at_posting() -> AbstractContextManager[None]:
    def follow(by: Member, post: Post) -> None:
        change_shelf(by, lambda s: replace(s, followed=s.followed | {post.thread_id}))

    return _after_posting(follow)


def plain_read_mark() -> AbstractContextManager[None]:
    return _after_posting(
        lambda by, post: ReadMark(tag=f"{by.pk}{post.pk}"[:32], number=1).save()
    )


@contextmanager
def post_counter() -> Iterator[None]:
    def count(by: Member, post: Post) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE counted SET posts = posts + 1 WHERE id = %s", [by.pk]
            )
            if not cursor.rowcount:
                _insert("counted", by.pk, 1)

    with _table("counted", "id varchar(20), posts integer"), _after_posting(count):
        yield


def last_active_at_posting() -> AbstractContextManager[None]:
    def touch(by: Member, post: Post) -> None:
        by.last_signed_in_on = timezone.localdate()
        by.save(update_fields=["last_signed_in_on"])

    return _after_posting(touch)


def session_saved_at_posting() -> AbstractContextManager[None]:
    def save(by: Member, post: Post) -> None:
        for key in list(Session.objects.values_list("session_key", flat=True)):
            store = SessionStore(key)
            if store.get("_auth_user_id") == by.pk:
                store.save()

    return _after_posting(save)


@contextmanager
def edited_by() -> Iterator[None]:
    edit = posting.edit_post

    def keep_who(*, by: Member, post: Post, **told: Any) -> Post:
        _insert("edits", post.pk, by.pk)
        return edit(by=by, post=post, **told)

    with (
        _table("edits", "post_id varchar(20), edited_by varchar(20)"),
        mock.patch.object(posting, "edit_post", keep_who),
    ):
        yield


def outbox_row_with_member_and_thread() -> AbstractContextManager[None]:
    def thank(by: Member, post: Post) -> None:
        Outgoing.objects.create(
            recipient=by.email, subject="Geplaatst", text=post.thread_id
        )

    return _after_posting(thank)


def log_line_with_a_member_id() -> AbstractContextManager[None]:
    log = logging.getLogger("kamer.posting")
    return _after_posting(lambda by, post: log.info("%s posted", by.pk))


@contextmanager
def _rendering(
    views: Any, change: Callable[[Any, dict[str, Any]], None], end: Any = None
) -> Iterator[None]:
    """Pages of ``views`` whose context knows what the reader wrote."""
    render = views.render

    def rendered(request: Any, template: str, context: Any = None, **rest: Any) -> Any:
        context = context or {}
        change(request.user, context)
        answer = render(request, template, context, **rest)
        if end is not None:
            end(request.user, context, answer)
        return answer

    with mock.patch.object(views, "render", rendered):
        yield


def _wrote_in(member: Member, thread: Any) -> bool:
    posts = Post.objects.filter(thread=thread, alias__isnull=False)
    return any(is_own(member, post) for post in posts.select_related("alias", "thread"))


def etag_on_a_thread_page() -> AbstractContextManager[None]:
    def mark(member: Member, context: dict[str, Any], answer: Any) -> None:
        if "thread" in context:
            own = _wrote_in(member, context["thread"])
            answer["ETag"] = hashlib.sha256(str(own).encode()).hexdigest()

    return _rendering(thread_views, lambda member, context: None, mark)


@contextmanager
def edit_button_outside_owner_mode() -> Iterator[None]:
    def offer(member: Member, context: dict[str, Any]) -> None:
        if "fragment" in context and is_own(member, context["post"]):
            context |= {"is_own": True, "may_change": True}

    with _rendering(post_views, offer):
        yield


def composer_that_knows_the_lock() -> AbstractContextManager[None]:
    def preselect(member: Member, context: dict[str, Any]) -> None:
        if "thread" in context and _wrote_in(member, context["thread"]):
            context["form"].initial["under_alias"] = True

    return _rendering(thread_views, preselect)


@contextmanager
def queue_label_new_member() -> Iterator[None]:
    codes_of, write = posting.reading_codes, posting._write
    writers: list[Member] = []

    def with_writer(by: Member, *rest: Any, **named: Any) -> Any:
        writers.append(by)
        return write(by, *rest, **named)

    def with_newcomers(*rest: Any) -> list[str]:
        codes = codes_of(*rest)
        return [*codes, posting.NEWCOMER] if writers[-1].is_newcomer else codes

    with (
        mock.patch.object(posting, "_write", with_writer),
        mock.patch.object(posting, "reading_codes", with_newcomers),
    ):
        yield


def _take_away_anonymous_posts(of: Member) -> None:
    found = Post.objects.filter(alias__in=aliases.own_aliases(of), state="published")
    for post in found.select_related("thread", "author", "alias", "answers"):
        take_away(live.lock_thread(post.thread), [post])


@contextmanager
def pause_that_hides_anonymous_posts() -> Iterator[None]:
    def hide(member: Member, **told: Any) -> None:
        sanctions.sanction_member(member, **told)
        _take_away_anonymous_posts(member)

    with mock.patch.object(sanctioning, "sanction_member", hide):
        yield


@contextmanager
def leaving_that_hides_anonymous_posts() -> Iterator[None]:
    let_go = leaving.let_go

    def hide(*, by: Member, **told: Any) -> None:
        _take_away_anonymous_posts(by)
        let_go(by=by, **told)

    with mock.patch.object(leaving, "let_go", hide):
        yield


@contextmanager
def statement_of_reasons_by_mail() -> Iterator[None]:
    record = deciding._record

    def tell(by: Member, item: ReviewItem, act: Any, *told: Any) -> Any:
        for member in Member.objects.all():
            if item.post and is_own(member, item.post):
                Outgoing.objects.create(recipient=member.email, subject="Besluit")
        return record(by, item, act, *told)

    with mock.patch.object(deciding, "_record", tell):
        yield


@contextmanager
def standard_export_with_anonymous_posts() -> Iterator[None]:
    def all_texts(member: Member) -> dict[str, Any]:
        told = own_texts(member)
        return {**told, "texts": told["texts"] + own_anonymous_texts(member)}

    with mock.patch.object(exporting, "own_texts", all_texts):
        yield


@contextmanager
def own_school_in_the_queue() -> Iterator[None]:
    text_findings = queue.text_findings
    schools: dict[str, str] = {}

    def with_own(post: Post) -> list[Finding]:
        own = OwnDetails(school=schools.get(post.pk, ""))
        return [*text_findings(post), *check_own(post.source, own)]

    def remember(by: Member, post: Post) -> None:
        told = Application.objects.filter(member=by).first()
        schools[post.pk] = told.school if told else ""

    with _after_posting(remember), mock.patch.object(queue, "text_findings", with_own):
        yield


@contextmanager
def alias_derived_from_the_member() -> Iterator[None]:
    alias_for = aliases.alias_for

    def derived(by: Member, thread: Any) -> Alias:
        alias = alias_for(by, thread)
        number = int.from_bytes(hashlib.sha256(by.pk.encode()).digest()[:4], "big")
        alias.name = aliases.NAMES[number % len(aliases.NAMES)]
        alias.save()
        return alias

    with mock.patch.object(posting, "alias_for", derived):
        yield


@contextmanager
def wrapped_secret_of_varying_length() -> Iterator[None]:
    wrap, unwrap = keyring.wrap, keyring.open_wrapped

    def longer(secret: bytes, member_id: str) -> bytes:
        return wrap(secret, member_id) + b"\0" * (secret[0] % 16)

    def opened(wrapped: bytes, member_id: str) -> bytes:
        return unwrap(wrapped[: keyring.WRAPPED_BYTES], member_id)

    with (
        mock.patch.object(keyring, "wrap", longer),
        mock.patch.object(keyring, "open_wrapped", opened),
    ):
        yield


def minute_of_submission_kept() -> AbstractContextManager[None]:
    def keep(by: Member, post: Post) -> None:
        Post.objects.filter(pk=post.pk).update(written_at=timezone.now())

    return _after_posting(keep)


@contextmanager
def refusal_for_the_owner() -> Iterator[None]:
    get_named_post = permissions.get_named_post

    def refused(member: Member, post_id: str) -> Post:
        try:
            return get_named_post(member, post_id)
        except Http404:
            post = Post.objects.select_related("alias", "thread").get(pk=post_id)
            if post.is_anonymous and is_own(member, post):
                raise PermissionDenied from None
            raise

    with mock.patch.object(post_views, "get_named_post", refused):
        yield


EVERY = (
    Leak(rate_limit_rows, scenarios.start, "database texts_sent"),
    Leak(author_id_in_json, scenarios.start, "page of C /dilemmas/"),
    Leak(is_mine_in_a_frame, scenarios.start, "frame to A"),
    Leak(sender_left_out_of_the_group, scenarios.start, "frame to A"),
    Leak(sender_left_out_of_the_digest, scenarios.week_of_digests, "mail"),
    Leak(follow_row_at_posting, scenarios.start, "database accounts_shelf"),
    Leak(plain_read_mark, scenarios.start, "database forum_readmark"),
    Leak(post_counter, scenarios.start, "database counted"),
    Leak(last_active_at_posting, scenarios.start, "database accounts_member"),
    Leak(session_saved_at_posting, scenarios.start, "database django_session"),
    Leak(edited_by, scenarios.edit, "database edits"),
    Leak(outbox_row_with_member_and_thread, scenarios.start, "database accounts_out"),
    Leak(outbox_row_with_member_and_thread, scenarios.start, "mail"),
    Leak(log_line_with_a_member_id, scenarios.start, "log"),
    Leak(etag_on_a_thread_page, scenarios.start, "page of A /dilemmas/"),
    Leak(edit_button_outside_owner_mode, scenarios.start, "page of A /posts/"),
    Leak(composer_that_knows_the_lock, scenarios.start, "page of A /dilemmas/"),
    Leak(queue_label_new_member, scenarios.start, "page of M /moderation/"),
    Leak(pause_that_hides_anonymous_posts, scenarios.suspended, "page of C /dilemmas/"),
    Leak(leaving_that_hides_anonymous_posts, scenarios.leaves, "page of C /dilemmas/"),
    Leak(statement_of_reasons_by_mail, scenarios.hidden, "mail"),
    Leak(standard_export_with_anonymous_posts, scenarios.exports, "answer to A"),
    Leak(alias_derived_from_the_member, scenarios.start, "page of C /"),
    Leak(wrapped_secret_of_varying_length, scenarios.start, "database accounts_memb"),
    Leak(minute_of_submission_kept, scenarios.start, "kept forum_post.written_at"),
    Leak(refusal_for_the_owner, scenarios.start, "page of A /posts/"),
)
# On SQLite alone: PostgreSQL has no rows without an order, so `purge` re-orders them.
ON_SQLITE = (Leak(hidden_rowid, scenarios.start, "kept forum_identitylock"),)
