"""Follow, mute, save and mark read: all of it readable by the member alone."""

from __future__ import annotations

from dataclasses import replace

from django.db import models

from accounts.models import Member
from accounts.permissions import require
from accounts.shelf import change_shelf
from accounts.tags import Domain, own_tag
from forum.models import Category, Post, ReadMark, Thread
from forum.permissions import may_write


def follow(*, by: Member, thread: Thread, on: bool) -> None:
    """Follow ``thread``, or stop following it; a second call changes nothing.

    What is followed is not muted any more.
    """
    require(may_write(by))
    change_shelf(
        by,
        lambda shelf: replace(
            shelf,
            followed=_put(shelf.followed, thread.pk, on),
            muted=shelf.muted - {thread.pk} if on else shelf.muted,
        ),
    )


def mute(*, by: Member, thread: Thread, on: bool) -> None:
    """Leave ``thread`` out of the member's lists, or show it there again.

    What is muted is not followed any more. A link still leads to it.
    """
    require(may_write(by))
    change_shelf(
        by,
        lambda shelf: replace(
            shelf,
            muted=_put(shelf.muted, thread.pk, on),
            followed=shelf.followed - {thread.pk} if on else shelf.followed,
        ),
    )


class ThemeWish(models.TextChoices):
    """What a member wants of a theme; NOTHING is how it is for everybody at first."""

    FOLLOW = "follow"
    MUTE = "mute"
    NOTHING = "nothing"


def wish_theme(*, by: Member, category: Category, wish: ThemeWish) -> None:
    """Follow a theme, leave it out of the lists, or neither."""
    require(may_write(by))
    change_shelf(
        by,
        lambda shelf: replace(
            shelf,
            followed_themes=_put(
                shelf.followed_themes, category.value, wish == ThemeWish.FOLLOW
            ),
            muted_themes=_put(
                shelf.muted_themes, category.value, wish == ThemeWish.MUTE
            ),
        ),
    )


def save(*, by: Member, thread: Thread, on: bool) -> None:
    """Save ``thread`` for later, or take it off; a second call changes nothing."""
    require(may_write(by))
    change_shelf(
        by, lambda shelf: replace(shelf, saved=_put(shelf.saved, thread.pk, on))
    )


def _put(kept: frozenset[str], each: str, on: bool) -> frozenset[str]:
    return kept | {each} if on else kept - {each}


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
