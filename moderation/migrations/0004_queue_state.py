from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0003_unsealing")]

    operations = [
        migrations.CreateModel(
            name="QueueState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("change_number", models.PositiveBigIntegerField(default=0)),
            ],
        ),
    ]
