"""Threads in which nobody wrote for long: asked about once, then at rest, and woken.

All of it follows from days that everybody can see; no job knows a member.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.limits import count_text, require_may_write
from accounts.models import Member
from accounts.permissions import require
from forum import live
from forum.models import AskedOutcome, Post, Thread
from forum.permissions import may_ask, may_wake

ASK_AFTER = dt.timedelta(days=21)
REST_AFTER = dt.timedelta(days=60)


def ask_outcomes(today: dt.date) -> int:
    """Ask the authors of threads that are quiet for three weeks how it turned out.

    Once per thread, whatever follows; returns how many. Nobody sees it but the author,
    on pages of their own: no change number is raised.
    """
    quiet = Thread.objects.listed().filter(
        risen_on__lte=today - ASK_AFTER,
        has_outcome=False,
        asked_outcome=AskedOutcome.NOT_YET,
    )
    return quiet.update(asked_outcome=AskedOutcome.ASKED)


def decline_to_tell(*, by: Member, dilemma: Post) -> None:
    """Let the question how ``dilemma`` turned out be over; a second call does nothing."""
    require(may_ask(by, dilemma))
    Thread.objects.filter(
        pk=dilemma.thread_id, asked_outcome=AskedOutcome.ASKED
    ).update(asked_outcome=AskedOutcome.OVER)


def rest_quiet(today: dt.date) -> int:
    """Let threads rest in which nothing new appeared for sixty days; returns how many.

    Each in a transaction of its own, in which it is looked at again: safe to run twice,
    at once, and while somebody replies. It is no news to anybody.
    """
    day = today - REST_AFTER
    due = Thread.objects.listed().filter(
        risen_on__lte=day, is_resting=False, is_locked=False
    )
    rested = 0
    for thread in due.order_by("pk"):
        rested += _rest(thread, day)
    return rested


def _rest(thread: Thread, day: dt.date) -> bool:
    with transaction.atomic():
        thread = live.lock_thread(thread)
        if thread.is_resting or thread.is_locked or thread.risen_on > day:
            return False
        thread.is_resting = True
        live.change(thread, is_head=True, is_news=False)
    return True


def wake(*, by: Member, dilemma: Post) -> None:
    """Open the resting thread of ``dilemma`` for replies; it rises in the list.

    A second call changes nothing. Raises TooFast, KeyRingMissing, or ValidationError
    while the member's writing is paused.
    """
    require(may_wake(by, dilemma))
    require_may_write(by)
    count_text(by)
    with transaction.atomic():
        thread = live.lock_thread(dilemma.thread)
        dilemma.refresh_from_db(fields=["state"])
        require(may_wake(by, dilemma))
        if not thread.is_resting:
            return
        thread.is_resting = False
        live.change(thread, is_head=True, may_rise=True)
