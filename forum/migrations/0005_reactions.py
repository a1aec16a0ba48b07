from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import accounts.ids
import forum.models.posts
from accounts.blinded import CreateBlindedModel


class Migration(migrations.Migration):
    dependencies = [("forum", "0004_search")]

    operations = [
        CreateBlindedModel(
            name="Reaction",
            fields=[
                (
                    "tag",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                (
                    "word",
                    models.CharField(
                        choices=[
                            ("recognise", "I recognise this"),
                            ("feel", "I feel with you"),
                            ("help", "This helps me on"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reactions",
                        to="forum.post",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.AddField(
            model_name="thread",
            name="news_number",
            field=models.PositiveIntegerField(default=0),
        ),
        # Until now every change was news.
        migrations.RunSQL(
            "UPDATE forum_thread SET news_number = change_number",
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name="PostRevision",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=accounts.ids.random_id,
                        editable=False,
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(blank=True, max_length=120)),
                ("source", models.TextField()),
                ("html", models.TextField()),
                ("lang", models.CharField(max_length=2)),
                (
                    "replaced_at",
                    models.DateTimeField(default=forum.models.posts.this_hour),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="forum.post",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("post", "number"), name="revision_once_per_version"
                    )
                ],
            },
        ),
    ]
