"""The digest ledger: what a period's mail tells, and whether each member got it."""

from __future__ import annotations

from django.db import models

from accounts.ids import random_id
from accounts.models import Frequency, Language, Member


class Edition(models.Model):
    """The new threads of one period, fixed once per language and variant.

    A period is a frequency and a local date. Threads are those that first stood in
    the room after change number ``after`` and up to ``until``.
    """

    class Variant(models.TextChoices):
        DISCREET = "discreet"
        TITLES = "titles"

    frequency = models.CharField(max_length=12, choices=Frequency.choices)
    period = models.DateField()
    language = models.CharField(max_length=2, choices=Language.choices)
    variant = models.CharField(max_length=8, choices=Variant.choices)
    after = models.PositiveBigIntegerField()
    until = models.PositiveBigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["frequency", "period", "language", "variant"],
                name="edition_once_per_period",
            ),
        )

    def __str__(self) -> str:
        return f"{self.frequency} {self.period} {self.language} {self.variant}"


class Delivery(models.Model):
    """One edition for one member; says only how far it is."""

    class State(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        SKIPPED = "skipped"
        FAILED = "failed"

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="deliveries")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["edition", "member"], name="delivery_once_per_member"
            ),
        )

    def __str__(self) -> str:
        return self.pk
