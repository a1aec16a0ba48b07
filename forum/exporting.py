"""What the forum puts into a member's own export; nothing anonymous in the standard one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import Member
from accounts.shelf import read_shelf
from forum.aliases import own_aliases
from forum.models import Post, Thread
from forum.text_checks.words import WORDS


def own_texts(member: Member) -> dict[str, Any]:
    """Named texts, what is followed, saved and muted, and hints switched off.

    Nothing in it depends on what the member wrote under an alias.
    """
    shelf = read_shelf(member)
    posts = (
        Post.objects.by_name_of(member)
        .select_related("thread")
        .order_by("written_at", "pk")
    )
    return {
        "texts": [_text(post) for post in posts],
        "followed": _threads(shelf.followed),
        "saved": _threads(shelf.saved),
        "muted": _threads(shelf.muted),
        "followed_themes": sorted(shelf.followed_themes),
        "muted_themes": sorted(shelf.muted_themes),
        "quiet_hints": [str(WORDS[code][0]) for code in sorted(shelf.quiet & {*WORDS})],
    }


def own_anonymous_texts(member: Member) -> list[dict[str, Any]]:
    """What the member wrote under an alias; asked in owner mode only.

    Raises KeyRingMissing without a key ring.
    """
    posts = (
        Post.objects.filter(alias__in=own_aliases(member))
        .select_related("thread", "alias")
        .order_by("written_at", "pk")
    )
    return [
        {"alias": post.alias.name if post.alias else "", **_text(post)}
        for post in posts
    ]


def _text(post: Post) -> dict[str, Any]:
    told = {
        "title": post.thread.title,
        "kind": str(post.get_kind_display()),
        "state": str(post.get_state_display()),
        "day": post.written_on.isoformat(),
        "text": post.source,
        "details": [
            {"heading": str(detail.heading), "text": str(detail.text)}
            for detail in post.told
        ],
        "message": post.message,
    }
    if post.is_dilemma:
        told["theme"] = str(post.thread.get_category_display())
        told["ask"] = str(post.thread.get_ask_display())
    return told


def _threads(ids: Iterable[str]) -> list[dict[str, str]]:
    """Titles by id; a thread whose dilemma cannot be read now shows none."""
    titles = dict(
        Thread.objects.filter(pk__in=ids, is_listed=True).values_list("pk", "title")
    )
    return [{"id": pk, "title": titles.get(pk, "")} for pk in sorted(ids)]
