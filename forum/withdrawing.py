"""Taking texts away: the words go, a line stays where they stood.

No actor and no refusal: the import contract names the only callers, and they ask.
"""

from __future__ import annotations

from collections.abc import Sequence

from accounts import tombstones
from forum import live
from forum.models import (
    Post,
    PostRevision,
    PostState,
    Reaction,
    ReplyKind,
    Thread,
)
from forum.models.posts import EDITABLE
from forum.signals import post_withdrawn


def take_away(thread: Thread, posts: Sequence[Post]) -> None:
    """Wipe ``posts`` of ``thread``, which `live.lock_thread` gave, as one change.

    A dilemma takes its title and its outcome along; replies of others stay.
    Reactions and earlier versions go with the words.
    Runs in the caller's transaction. Raises KeyRingMissing without a key ring: each
    text leaves a tombstone.
    """
    if any(post.is_dilemma for post in posts):
        posts = [*posts, *_outcomes(thread, posts)]
    Reaction.objects.filter(post__in=posts).delete()
    PostRevision.objects.filter(post__in=posts).delete()
    for post in posts:
        post.state = PostState.WITHDRAWN
        post.source = post.html = post.reason = post.message = ""
        post.fragments = post.details = {}
        post.release_at = None
        post.save()
        tombstones.write(tombstones.Kind.WITHDRAWN, post.pk)
        if post.is_dilemma:
            thread.title = ""
            thread.save(update_fields=["title"])
    shown = [post for post in posts if post.was_public]
    if shown:
        live.change(thread, posts=shown)
    for post in posts:
        post_withdrawn.send(sender=None, post=post)


def _outcomes(thread: Thread, posts: Sequence[Post]) -> list[Post]:
    """What ``thread`` has of outcomes, beside those among ``posts``."""
    given = [post.pk for post in posts]
    return list(
        thread.posts.filter(kind=ReplyKind.OUTCOME, state__in=EDITABLE)
        .exclude(pk__in=given)
        .select_related("author", "alias", "answers")
    )
