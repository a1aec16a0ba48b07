"""Follow, save and mark read: all of it readable by the member alone."""

from __future__ import annotations

from dataclasses import replace

from accounts.models import Member
from accounts.permissions import require
from accounts.shelf import change_shelf
from accounts.tags import Domain, own_tag
from forum.models import Post, ReadMark, Thread
from forum.permissions import may_write


def follow(*, by: Member, thread: Thread, on: bool) -> None:
    """Follow ``thread``, or stop following it; a second call changes nothing."""
    require(may_write(by))
    change_shelf(
        by,
        lambda shelf: replace(shelf, followed=_put(shelf.followed, thread.pk, on)),
    )


def save(*, by: Member, thread: Thread, on: bool) -> None:
    """Save ``thread`` for later, or take it off; a second call changes nothing."""
    require(may_write(by))
    change_shelf(
        by, lambda shelf: replace(shelf, saved=_put(shelf.saved, thread.pk, on))
    )


def _put(ids: frozenset[str], thread_id: str, on: bool) -> frozenset[str]:
    return ids | {thread_id} if on else ids - {thread_id}


def mark_read(*, by: Member, thread: Thread, number: int) -> None:
    """Remember that ``by`` saw ``thread`` up to change number ``number``.

    Never backwards and never beyond what there is. The row is under a tag.
    """
    number = min(number, thread.change_number)
    tag = own_tag(by, Domain.READ, thread.scope)
    ReadMark.objects.bulk_create(
        [ReadMark(tag=tag, number=number)], ignore_conflicts=True
    )
    ReadMark.objects.filter(tag=tag, number__lt=number).update(number=number)


def mark_unread(*, by: Member, post: Post) -> None:
    """Put the member's read mark just before ``post``: from there on all is unread.

    The only way back for a mark. From the dilemma on nothing was read at all.
    """
    tag = own_tag(by, Domain.READ, post.thread.scope)
    ReadMark.objects.bulk_create(
        [ReadMark(tag=tag, number=post.published_number - 1)],
        update_conflicts=True,
        unique_fields=["tag"],
        update_fields=["number"],
    )
