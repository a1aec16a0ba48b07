"""The models of the conversation."""

from __future__ import annotations

from forum.models.aliases import Alias
from forum.models.blinded import IdentityLock, Once, ReadMark
from forum.models.findable import Findable
from forum.models.mail import Delivery, Edition
from forum.models.posts import Byline, Post, PostState, ReplyKind
from forum.models.reasons import Hindrance
from forum.models.removals import ScheduledRemoval
from forum.models.threads import Ask, Category, Room, Thread

__all__ = [
    "Alias",
    "Ask",
    "Byline",
    "Category",
    "Delivery",
    "Edition",
    "Findable",
    "Hindrance",
    "IdentityLock",
    "Once",
    "Post",
    "PostState",
    "ReadMark",
    "ReplyKind",
    "Room",
    "ScheduledRemoval",
    "Thread",
]
