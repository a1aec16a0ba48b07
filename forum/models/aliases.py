"""A name in one thread, with its author's tag; never a member."""

from __future__ import annotations

from django.db import models

from accounts.ids import random_id
from forum.models.threads import Thread


class Alias(models.Model):
    """The name an anonymous author bears in one thread."""

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="aliases")
    tag = models.CharField(max_length=32)
    name = models.CharField(max_length=60)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["thread", "tag"], name="alias_one_per_tag"),
            models.UniqueConstraint(
                fields=["thread", "name"], name="alias_one_per_name"
            ),
        )

    def __str__(self) -> str:
        return self.name
