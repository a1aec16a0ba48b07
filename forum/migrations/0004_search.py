from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from accounts.blinded import CreateBlindedModel
from forum.models.findable import StemsField
from forum.models.threads import Category

# Words are letters and digits already; every other character parts them, except the
# gap. A migration that makes the table anew has to make these triggers anew too.
WORDS = """
CREATE VIRTUAL TABLE forum_findable_words USING fts5(
    stems, category, has_outcome, content='forum_findable', content_rowid='number',
    columnsize=0, prefix='3 4 5', tokenize="ascii tokenchars '_'"
)
"""
ADD = """
INSERT INTO forum_findable_words (rowid, stems, category, has_outcome)
VALUES (new.number, new.stems, new.category, new.has_outcome);
"""
TAKE = """
INSERT INTO forum_findable_words
    (forum_findable_words, rowid, stems, category, has_outcome)
VALUES ('delete', old.number, old.stems, old.category, old.has_outcome);
"""
TRIGGERS = {"insert": ADD, "delete": TAKE, "update": TAKE + ADD}
# Without a list of what is still to be added: every search would walk through it.
STEMS = """
CREATE INDEX forum_findable_stems ON forum_findable USING gin (stems)
WITH (fastupdate = off)
"""


def make_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(STEMS)
        return
    schema_editor.execute(WORDS)
    for act, statements in TRIGGERS.items():
        schema_editor.execute(
            f"CREATE TRIGGER forum_findable_{act} AFTER {act.upper()} "
            f"ON forum_findable BEGIN {statements} END"
        )


def drop_index(apps: Any, schema_editor: Any) -> None:
    # What hangs on the table itself goes with it.
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE forum_findable_words")
        for act in TRIGGERS:
            schema_editor.execute(f"DROP TRIGGER forum_findable_{act}")


class Migration(migrations.Migration):
    dependencies = [
        ("forum", "0003_scheduled_removal"),
    ]

    operations = [
        CreateBlindedModel(
            name="Findable",
            fields=[
                (
                    "number",
                    models.BigIntegerField(primary_key=True, serialize=False),
                ),
                ("stems", StemsField()),
                (
                    "category",
                    models.CharField(choices=Category.choices, max_length=10),
                ),
                ("has_outcome", models.BooleanField()),
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findable",
                        to="forum.post",
                    ),
                ),
            ],
        ),
        migrations.RunPython(make_index, drop_index),
    ]
