from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forum", "0005_reactions")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="details",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="postrevision",
            name="details",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="post",
            name="is_warm",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="thread",
            name="ask_changed_on",
            field=models.DateField(null=True),
        ),
    ]
