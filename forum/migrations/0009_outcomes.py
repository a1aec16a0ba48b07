from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_posts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """An outcome becomes a text in its thread; `rerender_posts` finishes it."""
    post_model: Any = apps.get_model("forum", "Post")
    thread_model: Any = apps.get_model("forum", "Thread")
    for thread in thread_model.objects.exclude(outcome="").order_by("pk"):
        dilemma = post_model.objects.get(thread=thread, kind="dilemma")
        thread.change_number += 1
        thread.has_outcome = dilemma.state == "published"
        thread.asked_outcome = "over"
        post_model.objects.create(
            thread=thread,
            author_id=dilemma.author_id,
            alias_id=dilemma.alias_id,
            kind="outcome",
            source=thread.outcome,
            rendering_version=0,
            lang=dilemma.lang,
            state="published",
            was_public=True,
            published_number=thread.change_number,
            changed_number=thread.change_number,
            written_at=dilemma.written_at,
        )
        thread.save()


KINDS = [
    ("dilemma", "Dilemma"),
    ("question", "Open question"),
    ("experience", "My experience"),
    ("perspective", "Another view"),
    ("advice", "Advice"),
    ("support", "Support"),
    ("pointer", "Fact or pointer"),
    ("answer", "Answer of the writer"),
    ("outcome", "How it turned out"),
]


class Migration(migrations.Migration):
    dependencies = [("forum", "0008_pages")]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="is_resting",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="thread",
            name="has_outcome",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="thread",
            name="asked_outcome",
            field=models.CharField(
                choices=[
                    ("not_yet", "Not Yet"),
                    ("asked", "Asked"),
                    ("over", "Over"),
                ],
                default="not_yet",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=12),
        ),
        migrations.RunPython(make_posts, migrations.RunPython.noop),
        migrations.RemoveField(model_name="thread", name="outcome"),
    ]
