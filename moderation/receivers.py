"""Turns signals of the apps below into review items, in the sender's transaction."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.models import Application
from accounts.signals import application_sent
from forum.models import Post
from forum.signals import post_held, post_withdrawn
from moderation.live import change_queue
from moderation.models import Decision, Message, ReviewItem


@receiver(post_held)
def queue_post(post: Post, findings: list[str], **kwargs: Any) -> None:
    """Open an item, or renew the open one: whoever was reading it starts again."""
    renewed = _open_items(post).update(
        findings=findings,
        source=post.whole_source,
        state=ReviewItem.State.OPEN,
        claimed_by=None,
        claimed_until=None,
    )
    if not renewed:
        ReviewItem.objects.create(
            post=post, findings=findings, source=post.whole_source
        )
    change_queue()


@receiver(post_withdrawn)
def close_post(post: Post, **kwargs: Any) -> None:
    """Close the open item without a decision; what was quoted of the text goes too."""
    closed = _open_items(post).update(
        source="",
        state=ReviewItem.State.CLOSED,
        claimed_by=None,
        claimed_until=None,
    )
    if closed:
        change_queue()
    # A message to the author quotes the text that the author just took away.
    Decision.objects.filter(item__post=post).exclude(message="").update(message="")
    Message.objects.filter(post=post).delete()


@receiver(application_sent)
def queue_application(application: Application, **kwargs: Any) -> None:
    ReviewItem.objects.create(application=application)
    change_queue()


def _open_items(post: Post) -> Any:
    return ReviewItem.objects.filter(post=post).exclude(state=ReviewItem.State.CLOSED)
