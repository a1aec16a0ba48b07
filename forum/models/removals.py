"""Anonymous texts that go by themselves after somebody left."""

from __future__ import annotations

from django.db import models

from forum.models.posts import Post


class ScheduledRemoval(models.Model):
    """A text and the tick at which it goes; nothing of who left.

    On SQLite the table has no hidden row numbers: they would keep together what one
    member scheduled.
    """

    # The database's own check of the key would put a mark on the post's row.
    post = models.OneToOneField(
        Post, models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return "removal"
