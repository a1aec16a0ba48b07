from __future__ import annotations

from django.db import migrations, models

# Replies are appended in this order, so that what stands there keeps its place.
PLACES = """
UPDATE forum_post SET place = ranked.place FROM (
    SELECT id, row_number() OVER (
        PARTITION BY thread_id ORDER BY published_number, id
    ) AS place
    FROM forum_post WHERE was_public AND kind <> 'dilemma'
) AS ranked WHERE ranked.id = forum_post.id
"""
COUNTS = """
UPDATE forum_thread SET reply_count = (
    SELECT count(*) FROM forum_post
    WHERE thread_id = forum_thread.id AND place > 0
)
"""


class Migration(migrations.Migration):
    dependencies = [("forum", "0007_scope_index")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="place",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="thread",
            name="reply_count",
            field=models.PositiveIntegerField(default=0),
        ),
        # What is there was rendered by an earlier version: `rerender_posts` follows.
        migrations.AddField(
            model_name="thread",
            name="fragment_version",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["thread", "place"], name="post_place"),
        ),
        migrations.RemoveIndex(model_name="thread", name="thread_order"),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(
                fields=["-risen_number"],
                condition=models.Q(is_listed=True),
                name="thread_order",
            ),
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(
                fields=["-published_number"],
                condition=models.Q(is_listed=True),
                name="thread_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(
                fields=["-risen_number"],
                condition=models.Q(is_listed=True, has_replies=False),
                name="thread_unanswered",
            ),
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(
                fields=["category", "-risen_number"],
                condition=models.Q(is_listed=True),
                name="thread_theme",
            ),
        ),
        migrations.RunSQL(PLACES, migrations.RunSQL.noop),
        migrations.RunSQL(COUNTS, migrations.RunSQL.noop),
    ]
