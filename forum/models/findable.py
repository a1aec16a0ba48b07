"""What search may find: the stems of texts that stand in the room now."""

from __future__ import annotations

from typing import Any

from django.db import models

from forum.models.posts import Post
from forum.models.threads import Category

# A place that no word takes, so that a phrase does not run on over it.
GAP = "_"


class StemsField(models.TextField):  # type: ignore[type-arg]
    """Stems in the order of the text, parted by spaces; a tsvector on PostgreSQL."""

    def db_type(self, connection: Any) -> str | None:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(
        self, value: str, connection: Any, prepared: bool = False
    ) -> str:
        if connection.vendor != "postgresql":
            return value
        # A stem is letters and digits: there is nothing to escape.
        return " ".join(
            f"'{stem}':{place}"
            for place, stem in enumerate(value.split(), start=1)
            if stem != GAP
        )


class Findable(models.Model):
    """The stems of a published text, and its place among all that can be found.

    ``number`` is made of the public numbers of the thread and the post, so that it
    tells nothing that these do not, and an index made anew is the same as one that
    was kept. On SQLite the table lies in its order, without hidden row numbers.
    """

    number = models.BigIntegerField(primary_key=True)
    post = models.OneToOneField(Post, models.CASCADE, related_name="findable")
    stems = StemsField()
    category = models.CharField(max_length=10, choices=Category.choices)
    has_outcome = models.BooleanField()

    def __str__(self) -> str:
        return str(self.number)
