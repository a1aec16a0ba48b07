"""Change numbers, what changed since, and telling the hub after commit."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from typing import TypedDict

from django.db import transaction
from django.utils import timezone

from forum import fragments, relaying, search
from forum.models import Post, PostState, ReplyKind, Room, Thread

ROOM_ID = "room"
MOST_CARDS = 50


class Part(TypedDict):
    """One piece of a page: its id there, its finished HTML, and a reply's place."""

    id: str
    html: str
    is_new: bool
    place: int


class Frame(TypedDict):
    """What a client applies: everything after one change number up to another."""

    type: str
    after: int
    number: int
    parts: list[Part]


def lock_thread(thread: Thread) -> Thread:
    """The thread's row, held until the transaction ends: writers stand in line."""
    return Thread.objects.select_for_update().get(pk=thread.pk)


def change(
    thread: Thread,
    *,
    posts: Iterable[Post] = (),
    is_head: bool = False,
    may_rise: bool = False,
    is_news: bool = True,
) -> None:
    """Raise the change number by one, stamp what changed, and tell after commit.

    Runs inside the transaction of the change, on a thread that `lock_thread` gave.
    ``posts`` bear their new state already. A post that is published for the first
    time is stamped as such; a dilemma opens its thread, a reply gets the next place.
    What quotes a changed post changes with it. Without ``is_news`` nobody finds the
    thread unread for it. Everything is rendered here, once per language.
    """
    thread.change_number += 1
    number = thread.change_number
    changed = _with_quoting(posts)
    new_ids = set()
    room_number = _raise_room()
    for post in changed:
        post.thread = thread
        if post.is_online and not post.was_public:
            post.was_public = True
            post.published_number = number
            if post.is_reply:
                thread.reply_count += 1
                post.place = thread.reply_count
            new_ids.add(post.pk)
        post.changed_number = number
        post.fragments = fragments.post_fragments(post)
        post.save(
            update_fields=[
                "was_public",
                "published_number",
                "place",
                "changed_number",
                "fragments",
            ]
        )
    dilemma = _dilemma(thread, changed)
    was_listed = thread.is_listed
    _stamp_thread(thread, dilemma, room_number, may_rise=may_rise)
    # An outcome stands in the foot.
    is_head = is_head or any(post.is_dilemma or post.is_outcome for post in changed)
    if is_news:
        thread.news_number = number
    if is_head:
        thread.head_number = number
    thread.fragments = fragments.thread_fragments(thread, dilemma)
    if number == 1:
        # Later some posts are rendered and others not: that is for `rerendering`.
        thread.fragment_version = fragments.FRAGMENT_VERSION
    thread.save()
    if thread.is_listed and not was_listed:
        search.index_thread(thread)
    else:
        # The dilemma bears the theme and whether there is an outcome.
        head = [dilemma] if is_head and dilemma not in changed else []
        search.index_posts(thread, head + changed)
    transaction.on_commit(
        partial(_tell, thread, changed, new_ids, number, room_number, is_head=is_head)
    )


def change_reactions(thread: Thread, post: Post) -> None:
    """Raise the change number for ``post``, under which other words stand now.

    As in `change`, but nothing else is touched: a reaction is no news, moves nothing
    in the list, and stands on no card.
    """
    thread.change_number += 1
    number = thread.change_number
    post.thread = thread
    post.changed_number = number
    post.fragments = fragments.post_fragments(post)
    post.save(update_fields=["changed_number", "fragments"])
    changed = ["change_number"]
    if post.is_outcome:
        # It stands in the foot.
        thread.head_number = number
        thread.fragments = fragments.thread_fragments(thread, _dilemma(thread, []))
        changed += ["head_number", "fragments"]
    thread.save(update_fields=changed)
    transaction.on_commit(
        partial(_tell_thread, thread, [post], set(), number, is_head=post.is_outcome)
    )


def _with_quoting(posts: Iterable[Post]) -> list[Post]:
    given = list(posts)
    quoting = (
        Post.objects.filter(answers__in=given, was_public=True)
        .exclude(pk__in=[post.pk for post in given])
        .select_related("author", "alias", "answers")
    )
    return given + list(quoting)


def _raise_room() -> int:
    room, _is_new = Room.objects.select_for_update().get_or_create(pk=1)
    room.change_number += 1
    room.save(update_fields=["change_number"])
    return room.change_number


def _dilemma(thread: Thread, changed: list[Post]) -> Post:
    for post in changed:
        if post.is_dilemma:
            return post
    return thread.posts.select_related("author", "alias").get(kind="dilemma")


def _stamp_thread(
    thread: Thread, dilemma: Post, room_number: int, *, may_rise: bool
) -> None:
    today = timezone.localdate()
    thread.room_number = room_number
    if dilemma.is_online and not thread.was_public:
        thread.was_public = True
        thread.published_number = thread.risen_number = room_number
        thread.risen_on = today
    elif may_rise and thread.risen_on != today:
        # Once a day at most: nobody holds a dilemma on top by replying.
        thread.risen_number = room_number
        thread.risen_on = today
    thread.is_listed = dilemma.is_online
    online = Post.objects.filter(thread=thread, state=PostState.PUBLISHED)
    thread.has_replies = online.replies().exists()
    thread.has_outcome = online.filter(kind=ReplyKind.OUTCOME).exists()


def _tell(
    thread: Thread,
    posts: list[Post],
    new_ids: set[str],
    number: int,
    room_number: int,
    *,
    is_head: bool,
) -> None:
    _tell_thread(thread, posts, new_ids, number, is_head=is_head)
    for language in fragments.languages():
        is_new = thread.published_number == room_number
        cards = [_card_part(thread, language, is_new=is_new)]
        frame = _frame("room", room_number - 1, room_number, cards)
        relaying.publish(("room", ROOM_ID, language), frame_text(frame))


def _tell_thread(
    thread: Thread,
    posts: list[Post],
    new_ids: set[str],
    number: int,
    *,
    is_head: bool = False,
) -> None:
    for language in fragments.languages():
        parts = _head_parts(thread, language) if is_head else []
        parts += [
            _post_part(post, language, post.pk in new_ids)
            for post in posts
            if not post.is_outcome
        ]
        frame = _frame("thread", number - 1, number, parts)
        relaying.publish(("thread", thread.pk, language), frame_text(frame))


def frame_text(frame: Frame) -> str:
    """The text that goes over a socket."""
    return json.dumps(frame, ensure_ascii=False)


def _frame(noun: str, after: int, number: int, parts: list[Part]) -> Frame:
    return {
        "type": f"{noun}.changed",
        "after": after,
        "number": number,
        "parts": parts,
    }


def _post_part(post: Post, language: str, is_new: bool) -> Part:
    part_id = f"post-{post.pk}"
    html = post.fragments.get(language, "") or fragments.empty_part(part_id)
    return {"id": part_id, "html": html, "is_new": is_new, "place": post.place}


def _head_parts(thread: Thread, language: str) -> list[Part]:
    pieces = thread.fragments[language]
    parts = (("thread-head", pieces["head"]), ("thread-foot", pieces["foot"]))
    return [
        {"id": part_id, "html": html, "is_new": False, "place": 0}
        for part_id, html in parts
    ]


def _card_part(thread: Thread, language: str, *, is_new: bool) -> Part:
    part_id = f"thread-{thread.pk}"
    html = (
        thread.fragments[language]["card"]
        if thread.is_listed
        else fragments.empty_part(part_id)
    )
    return {"id": part_id, "html": html, "is_new": is_new, "place": 0}


def thread_changes(thread: Thread, after: int, language: str) -> Frame:
    """What changed in ``thread`` after change number ``after``, as one frame.

    The number is read before the posts, so that a change in between comes twice
    rather than never; twice is harmless.
    """
    thread = Thread.objects.get(pk=thread.pk)
    posts = (
        thread.posts.filter(was_public=True, changed_number__gt=after)
        .exclude(kind=ReplyKind.OUTCOME)
        .order_by("published_number")
    )
    parts = _head_parts(thread, language) if thread.head_number > after else []
    parts += [
        _post_part(post, language, post.published_number > after) for post in posts
    ]
    return _frame("thread", after, thread.change_number, parts)


def room_changes(after: int, language: str) -> Frame:
    """What changed in the list after change number ``after``: the newest cards."""
    number = room_number()
    threads = Thread.objects.filter(was_public=True, room_number__gt=after).order_by(
        "-room_number"
    )[:MOST_CARDS]
    parts = [
        _card_part(thread, language, is_new=thread.published_number > after)
        for thread in threads
    ]
    return _frame("room", after, number, parts)


def room_number() -> int:
    """The change number of the list; 0 before anything happened."""
    return (
        Room.objects.filter(pk=1).values_list("change_number", flat=True).first() or 0
    )
