"""Rows under a tag: what a member did in a thread, readable by that member only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from accounts.blinded import BlindedRow
from forum.models.posts import Post

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# From so many on a sentence says more people. The number itself is never shown.
MANY = 3


class ReadMark(BlindedRow):
    """How far a member read in a thread: a change number."""

    number = models.PositiveIntegerField()


class IdentityLock(BlindedRow):
    """By name or under an alias in a thread, for good; its key decides races."""

    class Mode(models.TextChoices):
        NAMED = "named"
        ANONYMOUS = "anonymous"

    mode = models.CharField(max_length=9, choices=Mode.choices)


class Once(BlindedRow):
    """A form that was sent, and the post it became. Goes with the post's first day."""

    post_id = models.CharField(max_length=20)


class ReactionWord(models.TextChoices):
    """What somebody can say of a text in a word; none of them judges."""

    RECOGNISE = "recognise", _("I recognise this")
    FEEL = "feel", _("I feel with you")
    HELP = "help", _("This helps me on")

    def sentence(self, *, is_many: bool) -> StrOrPromise:
        """What everybody reads under the text: no name and no number."""
        return SENTENCES[self][is_many]


SENTENCES: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    ReactionWord.RECOGNISE: (
        _("Somebody recognises this."),
        _("More people recognise this."),
    ),
    ReactionWord.FEEL: (
        _("Somebody feels with the writer."),
        _("More people feel with the writer."),
    ),
    ReactionWord.HELP: (
        _("This helps somebody on."),
        _("This helps more people on."),
    ),
}


class ReactionQuerySet(models.QuerySet["Reaction"]):
    def shown_under(self, post: Post) -> dict[ReactionWord, bool]:
        """The words that stand under ``post``, and whether many people chose each."""
        found = self.filter(post=post).order_by().values_list("word")
        counts: dict[str, int] = dict(found.annotate(Count("tag")))
        return {word: counts[word] >= MANY for word in ReactionWord if word in counts}


class Reaction(BlindedRow):
    """A member's word about a post, and no more than one; goes with the text."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="reactions")
    word = models.CharField(max_length=9, choices=ReactionWord.choices)

    objects = ReactionQuerySet.as_manager()
