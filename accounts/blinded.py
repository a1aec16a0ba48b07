"""Rows that hold a tag and never a member: the tag is the key, nothing else orders.

They carry no time and no serial. On SQLite an ordinary table keeps a hidden row
number in order of arrival, which would link what one member did in one visit;
WITHOUT ROWID has none (sqlite.org, "Clustered Indexes and the WITHOUT ROWID
Optimization").
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


class BlindedRow(models.Model):
    """A row under a tag: 16 bytes as hex."""

    tag = models.CharField(primary_key=True, max_length=32)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self._meta.model_name or "row"


class CreateBlindedModel(migrations.CreateModel):
    """CreateModel that makes a table without hidden row numbers on SQLite."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        ordinary = schema_editor.sql_create_table
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.sql_create_table = ordinary + " WITHOUT ROWID"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = ordinary
