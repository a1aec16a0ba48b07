"""What becomes of a leaver's texts: named ones at once, anonymous ones at ticks.

A tick is a whole five minutes of the clock, drawn for each text from thirty days.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import readiness
from accounts.closing import left_member
from accounts.models import Member
from forum import live
from forum.aliases import own_aliases
from forum.models import Post, PostState, ScheduledRemoval, Thread
from forum.models.posts import EDITABLE
from forum.withdrawing import take_away

TICK = dt.timedelta(minutes=5)
LONGEST = dt.timedelta(days=30)
TICKS = LONGEST // TICK


def let_go(*, by: Member, keeps_named: bool, keeps_anonymous: bool) -> None:
    """Part the texts of ``by`` from them; runs in the transaction in which they leave.

    With ``keeps_named`` the named texts that stand in the room stay, without a name;
    what waits, came back or is hidden goes in any case, since nobody is left to answer
    for it. Anonymous texts do not change now: without ``keeps_anonymous`` each gets
    a moment of its own within thirty days. Raises ValidationError when a named text
    was added meanwhile, and KeyRingMissing without a key ring.
    """
    left = left_member()
    # Threads first, in one order, as every writer does; then the member's own row, so
    # that no text of theirs can come after this; the room's row last.
    named = Post.objects.by_name_of(by)
    found = Thread.objects.filter(pk__in=named.values("thread")).order_by("pk")
    threads = {thread.pk: live.lock_thread(thread) for thread in found}
    if not Member.objects.select_for_update().filter(pk=by.pk).first():
        raise PermissionDenied
    posts = list(named.select_related("alias", "answers__author", "answers__alias"))
    if not {post.thread_id for post in posts} <= threads.keys():
        raise ValidationError(_("You wrote something just now. Please try again."))
    if not keeps_anonymous:
        _schedule_own(by)
    for thread in threads.values():
        _part(thread, [p for p in posts if p.thread_id == thread.pk], left, keeps_named)


def _part(thread: Thread, posts: list[Post], left: Member, keeps_named: bool) -> None:
    """Give ``posts`` of ``thread`` the author who left, and wipe what has to go."""
    gone = []
    for post in posts:
        post.author = left
        # A moderator's message begins with the writer's name.
        post.message = ""
        # How a dilemma turned out does not stay without it.
        is_shown = post.is_online and (thread.is_listed or not post.is_outcome)
        if post.state in EDITABLE and not (keeps_named and is_shown):
            gone.append(post)
        elif post.state == PostState.REMOVED:
            # Its words were kept for an objection, which nobody can make any more.
            post.source = post.html = ""
            post.details = {}
            if post.is_dilemma:
                thread.title = ""
        post.save(update_fields=["author", "message", "source", "html", "details"])
    thread.save(update_fields=["title"])
    if gone:
        take_away(thread, gone)
    # Lines of what went earlier as well: the card of a dilemma keeps its byline.
    rest = [post for post in posts if post.was_public and post not in gone]
    if rest:
        live.change(thread, posts=rest)


def _schedule_own(by: Member) -> None:
    own = Post.objects.filter(alias__in=own_aliases(by), state__in=EDITABLE)
    # What has not appeared yet is seen by nobody: it can go now, and never appears.
    waiting = own.filter(state=PostState.DELAYED)
    for post in waiting.select_related("thread", "author", "alias", "answers"):
        take_away(live.lock_thread(post.thread), [post])
    _schedule(list(own.values_list("pk", flat=True)))


def _schedule(post_ids: Iterable[str]) -> None:
    """Give each text a tick of its own.

    All rows are written anew, in the order of their random keys: neither their place
    in the table nor the transaction that wrote them groups what one leaver scheduled.
    """
    now = timezone.now()
    last = now - (now - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) % TICK
    rows = {row.pk: row for row in ScheduledRemoval.objects.select_for_update()}
    for post_id in post_ids:
        due_at = last + TICK * (1 + secrets.randbelow(TICKS))
        rows.setdefault(post_id, ScheduledRemoval(post_id=post_id, due_at=due_at))
    ScheduledRemoval.objects.all().delete()
    ScheduledRemoval.objects.bulk_create(rows[key] for key in sorted(rows))


def remove_due(now: dt.datetime | None = None) -> int:
    """Take away the texts whose tick has come; returns how many.

    Each in a transaction of its own, on the condition that its row is still there:
    two runs at once, or one after a crash, take a text away exactly once. None without
    a key ring: a text that goes leaves a tombstone.
    """
    if not readiness.is_ready():
        return 0
    due = ScheduledRemoval.objects.filter(due_at__lte=now or timezone.now())
    taken = 0
    for post_id in list(due.order_by("due_at", "pk").values_list("pk", flat=True)):
        taken += _remove(post_id)
    return taken


def _remove(post_id: str) -> bool:
    with transaction.atomic():
        thread = live.lock_thread(Thread.objects.get(posts=post_id))
        if not ScheduledRemoval.objects.filter(pk=post_id).delete()[0]:
            return False
        post = Post.objects.select_related("author", "alias", "answers").get(pk=post_id)
        if post.state not in EDITABLE:
            return False
        take_away(thread, [post])
    return True
