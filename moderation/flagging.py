"""A member's word to the moderators about a post."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.limits import count_text, require_may_write
from accounts.models import Member
from accounts.permissions import require
from accounts.tags import Domain, own_tag
from forum import live
from forum.models import Post
from forum.models.reasons import Reason
from moderation.live import change_queue
from moderation.models import Flag, ReviewItem
from moderation.permissions import may_flag


def flag_post(*, by: Member, post: Post, reason: Reason, note: str = "") -> None:
    """Flag ``post``, under the member's own tag: one per member and post.

    Opens an item in the queue or joins the open one. A second flag of the same
    member takes the place of the first. Raises ValidationError when the text is no
    longer in the room or the member's writing is paused, TooFast, or KeyRingMissing.
    """
    require(may_flag(by))
    require_may_write(by)
    count_text(by)
    tag = own_tag(by, Domain.FLAG, post.scope)
    with transaction.atomic():
        # The thread's row puts flaggers, the author and a deciding moderator in line.
        live.lock_thread(post.thread)
        post.refresh_from_db(fields=["state", "source", "details"])
        if not post.is_online:
            raise ValidationError(_("This text is no longer in the room."))
        item = ReviewItem.objects.filter(post=post).exclude(
            state=ReviewItem.State.CLOSED
        ).first() or ReviewItem.objects.create(post=post, source=post.whole_source)
        Flag.objects.update_or_create(
            tag=tag,
            defaults={"post": post, "item": item, "reason": reason, "note": note},
        )
        change_queue()
