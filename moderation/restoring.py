"""What moderators removed and a backup brought back."""

from __future__ import annotations

from django.db import transaction

from forum import curating, live
from forum.models import Post, PostState
from forum.restoring import take_away_again
from moderation.models import ReviewItem

GONE = (PostState.REMOVED, PostState.WITHDRAWN)


def remove_again(post_id: str, reason: str) -> bool:
    """Remove a text that a backup brought back; false when it did not.

    The words of the decision went with the database that held them: of it the reason
    is left. What waited in the queue is closed.
    """
    with transaction.atomic():
        post = Post.objects.exclude(state__in=GONE).filter(pk=post_id).first()
        if post is None:
            return False
        if post.is_delayed:
            # It had not appeared yet: there is nothing to leave a line for.
            return take_away_again(post_id)
        live.lock_thread(post.thread)
        ReviewItem.objects.filter(post=post).exclude(
            state=ReviewItem.State.CLOSED
        ).update(
            state=ReviewItem.State.CLOSED,
            source="",
            claimed_by=None,
            claimed_until=None,
        )
        curating.remove(post, version=post.version, reason=reason, message="")
    return True
