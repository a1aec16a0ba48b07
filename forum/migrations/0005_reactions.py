from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from accounts.blinded import CreateBlindedModel


class Migration(migrations.Migration):
    dependencies = [("forum", "0003_scheduled_removal")]

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
    ]
