"""The models of the conversation."""

from __future__ import annotations

from forum.models.aliases import Alias
from forum.models.blinded import (
    IdentityLock,
    Once,
    Reaction,
    ReactionWord,
    ReadMark,
)
from forum.models.details import Detail, Ending, Timing
from forum.models.findable import Findable
from forum.models.mail import Delivery, Edition
from forum.models.posts import Byline, Post, PostState, ReplyKind
from forum.models.reasons import Hindrance
from forum.models.removals import ScheduledRemoval
from forum.models.revisions import PostRevision
from forum.models.threads import Ask, AskedOutcome, Category, Room, Thread

__all__ = [
    "Alias",
    "Ask",
    "AskedOutcome",
    "Byline",
    "Category",
    "Delivery",
    "Detail",
    "Edition",
    "Ending",
    "Findable",
    "Hindrance",
    "IdentityLock",
    "Once",
    "Post",
    "PostRevision",
    "PostState",
    "Reaction",
    "ReactionWord",
    "ReadMark",
    "ReplyKind",
    "Room",
    "ScheduledRemoval",
    "Thread",
    "Timing",
]
