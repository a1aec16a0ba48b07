"""The socket of the review queue, for moderators."""

from __future__ import annotations

from accounts.models import Member
from accounts.permissions import is_moderator
from forum.consumers import LiveConsumer
from forum.live import Frame
from moderation import live


class QueueConsumer(LiveConsumer):
    """Follows the queue: that it changed, never what."""

    kind = live.QUEUE_ID
    is_for_moderators = True

    def topic_id(self) -> str:
        """There is one queue."""
        return live.QUEUE_ID

    def changes(self, member: Member, after: int, language: str) -> Frame | None:
        """None for whoever may not work the queue."""
        return live.queue_changes(after) if is_moderator(member) else None

    @classmethod
    def numbers(cls, topic_ids: set[str]) -> dict[str, int]:
        """The number of the queue."""
        return {live.QUEUE_ID: live.queue_number()}
