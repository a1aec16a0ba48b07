from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.ids
import forum.models.posts
from accounts.blinded import CreateBlindedModel


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("forum", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewItem",
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
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("claimed", "Claimed"),
                            ("closed", "Closed"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("findings", models.JSONField(blank=True, default=list)),
                ("source", models.TextField(blank=True)),
                ("claimed_until", models.DateTimeField(null=True)),
                (
                    "opened_at",
                    models.DateTimeField(default=forum.models.posts.this_hour),
                ),
                (
                    "application",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_items",
                        to="accounts.application",
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_items",
                        to="forum.post",
                    ),
                ),
            ],
        ),
        CreateBlindedModel(
            name="Flag",
            fields=[
                (
                    "tag",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("R01", "Judgment of the person"),
                            ("R02", "Advice without a question"),
                            ("R03", "School or writer recognisable"),
                            ("R04", "Child recognisable"),
                            ("R05", "Somebody else recognisable or harmed"),
                            ("R06", "Guessing who somebody is"),
                            ("R07", "Threat, hate or intimidation"),
                            ("R08", "Advertising, recruiting, campaign"),
                            ("R09", "Taken outside"),
                            ("R10", "First another route"),
                            ("R11", "Does not fit here, or is here already"),
                            ("R12", "Against the law"),
                            ("R13", "Attachment or link"),
                            ("R14", "Account is not right"),
                        ],
                        max_length=3,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flags",
                        to="forum.post",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flags",
                        to="moderation.reviewitem",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Decision",
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
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("publish", "Publish"),
                            ("keep", "Leave as it is"),
                            ("return", "Back to the writer"),
                            ("hide", "Hide for a moment"),
                            ("remove", "Remove"),
                            ("admit", "Admit"),
                            ("refuse", "Do not admit"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("R01", "Judgment of the person"),
                            ("R02", "Advice without a question"),
                            ("R03", "School or writer recognisable"),
                            ("R04", "Child recognisable"),
                            ("R05", "Somebody else recognisable or harmed"),
                            ("R06", "Guessing who somebody is"),
                            ("R07", "Threat, hate or intimidation"),
                            ("R08", "Advertising, recruiting, campaign"),
                            ("R09", "Taken outside"),
                            ("R10", "First another route"),
                            ("R11", "Does not fit here, or is here already"),
                            ("R12", "Against the law"),
                            ("R13", "Attachment or link"),
                            ("R14", "Account is not right"),
                        ],
                        max_length=3,
                    ),
                ),
                ("message", models.TextField(blank=True, max_length=3000)),
                ("post_version", models.PositiveIntegerField(null=True)),
                ("is_from_flag", models.BooleanField(default=False)),
                ("is_from_software", models.BooleanField(default=False)),
                (
                    "decided_at",
                    models.DateTimeField(default=forum.models.posts.this_hour),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="moderation.reviewitem",
                    ),
                ),
            ],
            options={
                "ordering": ("-decided_at",),
            },
        ),
        migrations.AddIndex(
            model_name="reviewitem",
            index=models.Index(fields=["state", "opened_at"], name="item_queue"),
        ),
        migrations.AddConstraint(
            model_name="reviewitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("post__isnull", True),
                    ("application__isnull", True),
                    _connector="XOR",
                ),
                name="item_one_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=("post",),
                name="item_one_open_per_post",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=("application",),
                name="item_one_open_per_application",
            ),
        ),
    ]
