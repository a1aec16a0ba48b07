from __future__ import annotations

from django.db import migrations, models

from accounts.blinded import CreateBlindedModel


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sanction"),
    ]

    operations = [
        CreateBlindedModel(
            name="Tombstone",
            fields=[
                (
                    "tag",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                ("sealed", models.BinaryField(max_length=108)),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
