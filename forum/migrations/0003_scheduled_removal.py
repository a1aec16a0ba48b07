from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from accounts.blinded import CreateBlindedModel


class Migration(migrations.Migration):
    dependencies = [
        ("forum", "0002_delayed_posts"),
    ]

    operations = [
        CreateBlindedModel(
            name="ScheduledRemoval",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="forum.post",
                    ),
                ),
                ("due_at", models.DateTimeField()),
            ],
        ),
    ]
