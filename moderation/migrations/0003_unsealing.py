from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.ids
import forum.models.posts
from accounts.blinded import CreateBlindedModel


class Migration(migrations.Migration):
    dependencies = [
        ("forum", "0001_initial"),
        ("moderation", "0002_sanctioning"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateBlindedModel(
            name="Notice",
            fields=[
                (
                    "tag",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="UnsealingHead",
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
                ("number", models.PositiveIntegerField(default=0)),
                ("hash", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="UnsealingLink",
            fields=[
                (
                    "number",
                    models.PositiveIntegerField(primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("appointed", "Custodian appointed"),
                            ("ended", "No longer custodian"),
                            ("asked", "Asked"),
                            ("confirmed", "Confirmed with a second factor"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("expired", "Expired"),
                            ("opened", "Opened"),
                            ("shown", "Shown to the second custodian"),
                            ("failed_ask", "Tried to ask"),
                            ("failed_confirm", "Tried to confirm"),
                            ("failed_approve", "Tried to approve"),
                            ("failed_refuse", "Tried to refuse"),
                            ("failed_open", "Tried to open"),
                            ("failed_show", "Tried to see the result"),
                        ],
                        max_length=14,
                    ),
                ),
                ("who", models.CharField(blank=True, max_length=250)),
                ("who_id", models.CharField(blank=True, max_length=20)),
                ("whom", models.CharField(blank=True, max_length=60)),
                ("whom_id", models.CharField(blank=True, max_length=20)),
                ("hour", models.DateTimeField(default=forum.models.posts.this_hour)),
                ("request_id", models.CharField(blank=True, max_length=20)),
                ("post_id", models.CharField(blank=True, max_length=20)),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("order", "An order of a court or a competent authority"),
                            (
                                "danger",
                                "Danger to somebody's life or to the safety of a child",
                            ),
                        ],
                        max_length=6,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("ban_until", models.DateField(null=True)),
                ("problem", models.CharField(blank=True, max_length=12)),
                ("found", models.BooleanField(null=True)),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="UnsealingRequest",
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
                    "ground",
                    models.CharField(
                        choices=[
                            ("order", "An order of a court or a competent authority"),
                            (
                                "danger",
                                "Danger to somebody's life or to the safety of a child",
                            ),
                        ],
                        max_length=6,
                    ),
                ),
                ("reason", models.TextField(max_length=3000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for a second custodian"),
                            ("approved", "Approved"),
                            ("opened", "Opened"),
                            ("refused", "Refused"),
                            ("expired", "Expired"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(default=forum.models.posts.this_hour),
                ),
                ("opens_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(null=True)),
                ("ban_until", models.DateField(null=True)),
                ("found", models.BooleanField(null=True)),
                ("stamps", models.JSONField(default=dict)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unsealing_requests",
                        to="forum.post",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            ("asked_by__isnull", True),
                            models.Q(
                                ("approved_by", models.F("asked_by")), _negated=True
                            ),
                            _connector="OR",
                        ),
                        name="unsealing_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ground__in", ["order", "danger"])),
                        name="unsealing_closed_list",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "approved"])),
                        fields=("post",),
                        name="unsealing_one_open_per_post",
                    ),
                ],
            },
        ),
    ]
