"""What the author of a dilemma asks for, and the questions that touch them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.limits import count_text, require_may_write
from accounts.models import Member
from accounts.permissions import require
from forum import live
from forum.models import Ask, Post, PostState, ReplyKind
from forum.permissions import may_ask


def change_ask(*, by: Member, dilemma: Post, ask: Ask) -> None:
    """Ask readers for something else from now on.

    Head, card and composer follow, with a line that tells the day; the same ask again
    changes nothing. Before the dilemma stood in the room nobody is told. Raises
    TooFast, KeyRingMissing, or ValidationError while the member's writing is paused.
    """
    require(may_ask(by, dilemma))
    require_may_write(by)
    count_text(by)
    with transaction.atomic():
        thread = live.lock_thread(dilemma.thread)
        dilemma.refresh_from_db(fields=["state"])
        require(may_ask(by, dilemma))
        if thread.ask == ask:
            return
        thread.ask = ask
        if thread.was_public:
            thread.ask_changed_on = timezone.localdate()
            live.change(thread, is_head=True)
        else:
            thread.save(update_fields=["ask"])


def open_questions(dilemma: Post) -> list[Post]:
    """The questions that stand in the dilemma's thread, in the order of the thread."""
    return list(
        dilemma.thread.posts.filter(
            kind=ReplyKind.QUESTION, state=PostState.PUBLISHED
        ).order_by("published_number")
    )


def mark_question(*, by: Member, dilemma: Post, question: Post, is_warm: bool) -> None:
    """Tell whoever asked ``question`` that it touches the author, or take that back.

    Only the two of them see it: it is in no fragment and raises no change number.
    Raises what `change_ask` raises, but for TooFast.
    """
    require(may_ask(by, dilemma) and question.thread_id == dilemma.thread_id)
    require_may_write(by)
    Post.objects.filter(pk=question.pk, kind=ReplyKind.QUESTION).update(is_warm=is_warm)
