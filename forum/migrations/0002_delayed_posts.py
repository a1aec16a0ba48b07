from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forum", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="release_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                fields=["release_at"],
                condition=models.Q(("release_at__isnull", False)),
                name="post_ticks",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "delayed"), ("release_at__isnull", True), _connector="XOR"
                ),
                name="post_tick_while_delayed",
            ),
        ),
    ]
