"""Warns whoever wrote a text, or pauses their writing, by what that text's byline did.

Under an alias nobody learns whom it stops: `accounts.sanctions` holds the alias's tag.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member, Sanction
from accounts.sanctions import sanction_alias, sanction_member
from forum.models import Post
from forum.models.reasons import Reason
from moderation.deciding import decide_post
from moderation.models import Act, Decision, Message, ReviewItem

WARNING_DAYS = 30
MOST_DAYS = 30
USUAL_DAYS = 7


def usual_end() -> dt.date:
    """The day that a moderator starts from for the end of a pause."""
    return timezone.localdate() + dt.timedelta(USUAL_DAYS)


def warn_author(
    *, by: Member, item: ReviewItem, version: int, reason: Reason, message: str
) -> Decision:
    """Tell the author of the text in ``message`` what to mind; it stops nothing.

    Once per item, by its holder; the item stays open. Raises PermissionDenied, or
    ValidationError as `deciding.decide_post` does.
    """
    end = timezone.localdate() + dt.timedelta(WARNING_DAYS)

    def warn(post: Post) -> None:
        _check_first(item, Act.WARN)
        _sanction(post, Sanction.Kind.WARN, end, reason)
        Message.objects.create(post=post, kind=Message.Kind.WARN, text=message)

    return decide_post(by, item, Act.WARN, version, warn, reason, message)


def pause_author(
    *,
    by: Member,
    item: ReviewItem,
    version: int,
    until: dt.date,
    reason: Reason,
    message: str,
) -> Decision:
    """Stop the author of the text from writing, anywhere, before the day ``until``.

    That is at least tomorrow and at most 30 days from now. Once per item, by its
    holder; the item stays open. Raises PermissionDenied, or ValidationError as
    `deciding.decide_post` does.
    """
    days = (until - timezone.localdate()).days
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError(
            {"until": _("Choose a day after today, at most 30 days from now.")}
        )

    def pause(post: Post) -> None:
        _check_first(item, Act.PAUSE)
        _sanction(post, Sanction.Kind.PAUSE_WRITING, until, reason)
        Message.objects.create(
            post=post, kind=Message.Kind.PAUSE, text=message, until=until
        )

    return decide_post(by, item, Act.PAUSE, version, pause, reason, message, until)


def _check_first(item: ReviewItem, act: Act) -> None:
    """A form that is sent twice counts once; the item's row is locked by now."""
    if item.decisions.filter(act=act).exists():
        raise ValidationError(_("That was done here already."))


def _sanction(post: Post, kind: Sanction.Kind, until: dt.date, ground: Reason) -> None:
    if post.alias is not None:
        sanction_alias(
            post.thread.scope, post.alias.tag, kind=kind, until=until, ground=ground
        )
    elif post.author is not None:
        sanction_member(post.author, kind=kind, until=until, ground=ground)
