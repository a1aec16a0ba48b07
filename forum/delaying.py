"""Later, at a random tick: draw it, and release what is due, exactly once.

What may not appear at its tick goes back to its author as a text in state RETURNED. It
does not become a sealed draft: that takes the author's secret, and a job knows no
member. Nobody but the author ever sees it (`PostQuerySet.handed_in`), its page says why
it did not appear, and it can be changed and sent again, or taken away: by name at its
own address, under an alias in owner mode.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import secrets
from dataclasses import dataclass

from django.db import transaction

from accounts import readiness
from accounts.row_numbers import arrive_now
from accounts.sanctions import is_alias_paused, paused_until
from forum import live
from forum.models import Hindrance, Post, PostState, Thread
from forum.models.posts import OF_STARTER, hour_of
from forum.permissions import allowed_kinds, may_write, takes_outcome, takes_replies
from forum.posting import reading_codes
from forum.signals import post_held

log = logging.getLogger("kamer.delaying")

TICK = dt.timedelta(minutes=5)
TICKS = dt.timedelta(hours=6) // TICK
FAILED = "failed"


@dataclass(frozen=True)
class Released:
    """What became of one text at its tick: its state, or that the attempt failed."""

    post_id: str
    state: str


def draw_tick(now: dt.datetime, source: random.Random | None = None) -> dt.datetime:
    """One of the 72 ticks after ``now`` and within six hours, each as likely.

    Ticks are the full five minutes of the clock. The system's random source draws;
    ``source`` stands in for it.
    """
    steps = 1 + (source.randrange(TICKS) if source else secrets.randbelow(TICKS))
    past = dt.timedelta(
        minutes=now.minute, seconds=now.second, microseconds=now.microsecond
    )
    return now - past % TICK + steps * TICK


def release_due(now: dt.datetime) -> list[Released]:
    """Release every text whose tick has come, one transaction each.

    Safe to run twice, at once, and after a kill. A text that fails is logged by its id,
    stays as it is for the next run, and holds up no other. Without a key ring nothing
    is released: its author could not take it away before.
    """
    if not readiness.is_ready():
        return []
    due = (
        Post.objects.filter(state=PostState.DELAYED, release_at__lte=now)
        .order_by("release_at", "pk")
        .values_list("pk", flat=True)
    )
    released = []
    for post_id in list(due):
        try:
            state = _release(post_id, now)
        except Exception as error:
            log.warning("delayed %s failed %s", post_id, type(error).__name__)
            state = FAILED
        if state is not None:
            released.append(Released(post_id, state))
    return released


def _release(post_id: str, now: dt.datetime) -> str | None:
    """delayed → published, held or returned; None when another run was first.

    Everything is asked again, under the thread's lock. The tick is erased, and the
    text bears the hour in which it is released.
    """
    with transaction.atomic():
        thread = live.lock_thread(Thread.objects.get(posts=post_id))
        post = Post.objects.select_related("author", "alias", "answers").get(pk=post_id)
        reason = _hindrance(thread, post)
        codes = [] if reason else reading_codes(thread, post, post.whole_source)
        state = (
            PostState.RETURNED
            if reason
            else PostState.HELD
            if codes
            else PostState.PUBLISHED
        )
        moved = Post.objects.filter(
            pk=post_id, state=PostState.DELAYED, release_at__lte=now
        ).update(state=state, reason=reason, release_at=None, written_at=hour_of(now))
        if not moved:
            return None
        post.refresh_from_db()
        arrive_now(post)
        if post.is_dilemma:
            arrive_now(thread)
        if post.is_online:
            live.change(thread, posts=[post], may_rise=True)
        elif codes:
            post_held.send(sender=None, post=post, findings=codes)
        return state


def _hindrance(thread: Thread, post: Post) -> str:
    """Why the text may not appear now; nothing when it may.

    Of an author by name everything is asked that is asked when somebody writes. Who is
    behind an alias is not known here: only what the alias itself tells is asked.
    """
    if post.author is not None:
        is_stopped = not may_write(post.author) or paused_until(post.author) is not None
    else:
        is_stopped = post.alias is not None and is_alias_paused(
            thread.scope, post.alias.tag
        )
    if is_stopped:
        return Hindrance.MAY_NOT_WRITE
    if post.is_dilemma:
        return ""
    if not (takes_outcome(thread) if post.is_outcome else takes_replies(thread)):
        return Hindrance.CLOSED
    if post.kind not in {*OF_STARTER, *allowed_kinds(thread.ask)}:
        return Hindrance.NOT_ASKED
    return ""
