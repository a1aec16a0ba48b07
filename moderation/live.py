"""The queue's change number, and telling moderators that it went up: a nudge, no text."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.db import transaction

from forum import live, relaying
from moderation.models import QueueState

QUEUE_ID = "queue"


def change_queue() -> None:
    """Raise the number by one and nudge after commit.

    Runs last in the transaction of the change: its row is waited for by everybody who
    changes the queue.
    """
    state, _is_new = QueueState.objects.select_for_update().get_or_create(pk=1)
    state.change_number += 1
    state.save(update_fields=["change_number"])
    transaction.on_commit(partial(_tell, state.change_number))


def _tell(number: int) -> None:
    for language, _name in settings.LANGUAGES:
        frame = _frame(number - 1, number)
        relaying.publish((QUEUE_ID, QUEUE_ID, language), live.frame_text(frame))


def queue_changes(after: int) -> live.Frame:
    """Whether the queue changed after number ``after``, as one frame."""
    return _frame(after, queue_number())


def queue_number() -> int:
    """The change number of the queue; 0 before anything happened."""
    found = QueueState.objects.filter(pk=1).values_list("change_number", flat=True)
    return found.first() or 0


def _frame(after: int, number: int) -> live.Frame:
    # The page fetches itself: who may see what is decided there and nowhere else.
    part: live.Part = {"id": QUEUE_ID, "html": "", "is_new": True, "place": 0}
    return {
        "type": "queue.changed",
        "after": after,
        "number": number,
        "parts": [part] if number > after else [],
    }
