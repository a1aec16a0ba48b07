"""Rows under a tag: what a member did in a thread, readable by that member only."""

from __future__ import annotations

from django.db import models

from accounts.blinded import BlindedRow


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
