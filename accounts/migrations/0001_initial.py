from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.ids
from accounts.blinded import CreateBlindedModel


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Member",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
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
                ("email", models.EmailField(max_length=254, unique=True)),
                ("display_name", models.CharField(max_length=60)),
                (
                    "language",
                    models.CharField(
                        choices=[("nl", "Nederlands"), ("en", "English")],
                        default="nl",
                        max_length=2,
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        choices=[
                            ("north", "North"),
                            ("middle", "Middle"),
                            ("south", "South"),
                            ("unknown", "I do not know"),
                        ],
                        default="unknown",
                        max_length=8,
                    ),
                ),
                (
                    "digest_frequency",
                    models.CharField(
                        choices=[
                            ("school_days", "Every school day at 7:00"),
                            ("wednesday", "Every Wednesday at 12:30"),
                            ("friday", "Every Friday at 15:30"),
                            ("never", "Never"),
                        ],
                        default="wednesday",
                        max_length=12,
                    ),
                ),
                ("digest_has_titles", models.BooleanField(default=False)),
                ("digest_categories", models.JSONField(blank=True, default=list)),
                ("is_active", models.BooleanField(default=True)),
                ("is_moderator", models.BooleanField(default=False)),
                ("is_custodian", models.BooleanField(default=False)),
                ("is_operator", models.BooleanField(default=False)),
                ("admitted_on", models.DateField(blank=True, null=True)),
                ("last_signed_in_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        CreateBlindedModel(
            name="Draft",
            fields=[
                (
                    "tag",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                ("sealed", models.BinaryField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Invitation",
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
                ("email", models.EmailField(max_length=254, unique=True)),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                (
                    "language",
                    models.CharField(
                        choices=[("nl", "Nederlands"), ("en", "English")],
                        default="nl",
                        max_length=2,
                    ),
                ),
                ("made_on", models.DateField(default=django.utils.timezone.localdate)),
                ("accepted_on", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Outgoing",
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
                ("recipient", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("html", models.TextField(blank=True)),
                ("headers", models.JSONField(blank=True, default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("given_up", "Given Up")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "due_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MemberSecret",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("wrapped", models.BinaryField(max_length=60)),
            ],
        ),
        migrations.CreateModel(
            name="Shelf",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("version", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Application",
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
                ("full_name", models.CharField(max_length=120)),
                (
                    "work",
                    models.CharField(
                        choices=[
                            ("director", "Director"),
                            ("deputy", "Deputy director"),
                            ("location", "Location leader"),
                            ("several", "Director of several schools"),
                            ("interim", "Interim director"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                    ),
                ),
                ("work_note", models.CharField(blank=True, max_length=120)),
                (
                    "proof_route",
                    models.CharField(
                        choices=[
                            (
                                "call",
                                "You call me at the number on the school's website",
                            ),
                            (
                                "register",
                                "I give my number in the school leaders' register",
                            ),
                            ("member", "Somebody who is a member knows me"),
                            ("work_mail", "You send a code to my work address"),
                        ],
                        max_length=10,
                    ),
                ),
                ("proof_note", models.CharField(blank=True, max_length=200)),
                ("school", models.CharField(max_length=120)),
                ("board", models.CharField(blank=True, max_length=120)),
                ("motivation", models.TextField(blank=True, max_length=1000)),
                ("is_board_member", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "We are looking at it"),
                            ("admitted", "Admitted"),
                            ("refused", "Not admitted"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("sent_on", models.DateField(default=django.utils.timezone.localdate)),
                ("decided_on", models.DateField(blank=True, null=True)),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
