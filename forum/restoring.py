"""What the forum does over, and leaves undone, when an older backup is restored."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from forum import digests, live
from forum.models import Post, PostState
from forum.withdrawing import take_away


def take_away_again(post_id: str) -> bool:
    """Wipe a text that a backup brought back; false when it did not."""
    with transaction.atomic():
        post = (
            Post.objects.select_related("thread", "author", "alias", "answers")
            .exclude(state=PostState.WITHDRAWN)
            .filter(pk=post_id)
            .first()
        )
        if post is None:
            return False
        take_away(live.lock_thread(post.thread), [post])
    return True


def pass_over_digests() -> int:
    """Mail no digest a second time; returns how many deliveries are skipped."""
    return digests.pass_over(timezone.now())
