from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forum", "0003_scheduled_removal")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="details",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
