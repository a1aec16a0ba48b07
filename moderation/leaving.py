"""What moderation does when a member leaves."""

from __future__ import annotations

from accounts.models import LEFT_ID, Member
from moderation.live import change_queue
from moderation.models import Decision, ReviewItem


def let_go(*, by: Member) -> None:
    """Put back what ``by`` had in hand, and erase what was written to who left.

    A message to the writer of a named text begins with the name. Runs after the texts
    got another author, in the transaction in which ``by`` leaves.
    """
    freed = ReviewItem.objects.filter(
        claimed_by=by, state=ReviewItem.State.CLAIMED
    ).update(state=ReviewItem.State.OPEN, claimed_by=None, claimed_until=None)
    if freed:
        change_queue()
    Decision.objects.filter(item__post__author=LEFT_ID).exclude(message="").update(
        message=""
    )
