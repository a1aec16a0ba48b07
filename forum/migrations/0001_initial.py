from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.ids
import forum.models.posts
from accounts.blinded import CreateBlindedModel


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateBlindedModel(
            name="IdentityLock",
            fields=[
                (
                    "tag",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("named", "Named"), ("anonymous", "Anonymous")],
                        max_length=9,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        CreateBlindedModel(
            name="Once",
            fields=[
                (
                    "tag",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                ("post_id", models.CharField(max_length=20)),
            ],
            options={
                "abstract": False,
            },
        ),
        CreateBlindedModel(
            name="ReadMark",
            fields=[
                (
                    "tag",
                    models.CharField(max_length=32, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Room",
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
        migrations.CreateModel(
            name="Edition",
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
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("school_days", "Every school day at 7:00"),
                            ("wednesday", "Every Wednesday at 12:30"),
                            ("friday", "Every Friday at 15:30"),
                            ("never", "Never"),
                        ],
                        max_length=12,
                    ),
                ),
                ("period", models.DateField()),
                (
                    "language",
                    models.CharField(
                        choices=[("nl", "Nederlands"), ("en", "English")], max_length=2
                    ),
                ),
                (
                    "variant",
                    models.CharField(
                        choices=[("discreet", "Discreet"), ("titles", "Titles")],
                        max_length=8,
                    ),
                ),
                ("after", models.PositiveBigIntegerField()),
                ("until", models.PositiveBigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("frequency", "period", "language", "variant"),
                        name="edition_once_per_period",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Thread",
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
                    "scope",
                    models.CharField(
                        default=accounts.ids.random_scope, editable=False, max_length=32
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("team", "Team and working together"),
                            ("staff", "Staff and performance"),
                            ("shortage", "Teacher shortage and cover"),
                            ("parents", "Parents and boundaries"),
                            ("care", "Pupil support and inclusive education"),
                            ("safety", "Safety and behaviour"),
                            ("board", "Board, council and speaking up"),
                            ("equity", "Fair chances and school advice"),
                            ("identity", "Identity and society"),
                            ("quality", "Quality and inspection"),
                            ("money", "Money, building and future"),
                            ("self", "You as a school leader"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "ask",
                    models.CharField(
                        choices=[
                            ("listen", "Just read along"),
                            ("questions", "Ask me open questions"),
                            ("experiences", "Share your experience"),
                            ("perspective", "Look with other eyes"),
                            ("advice", "Think along about what I can do"),
                            ("look_back", "Look back with me"),
                        ],
                        max_length=12,
                    ),
                ),
                ("outcome", models.TextField(blank=True)),
                ("is_locked", models.BooleanField(default=False)),
                ("was_public", models.BooleanField(default=False)),
                ("is_listed", models.BooleanField(default=False)),
                ("has_replies", models.BooleanField(default=False)),
                ("change_number", models.PositiveIntegerField(default=0)),
                ("head_number", models.PositiveIntegerField(default=0)),
                (
                    "room_number",
                    models.PositiveBigIntegerField(db_index=True, default=0),
                ),
                ("published_number", models.PositiveBigIntegerField(default=0)),
                ("risen_number", models.PositiveBigIntegerField(default=0)),
                ("risen_on", models.DateField(default=django.utils.timezone.localdate)),
                ("fragments", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["is_listed", "-risen_number"], name="thread_order"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Alias",
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
                ("tag", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=60)),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="forum.thread",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
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
                            ("pending", "Pending"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("skipped", "Skipped"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(db_index=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="forum.edition",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "member"), name="delivery_once_per_member"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
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
                    "scope",
                    models.CharField(
                        default=accounts.ids.random_scope, editable=False, max_length=32
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dilemma", "Dilemma"),
                            ("question", "Open question"),
                            ("experience", "My experience"),
                            ("perspective", "Another view"),
                            ("advice", "Advice"),
                            ("support", "Support"),
                            ("pointer", "Fact or pointer"),
                            ("answer", "Answer of the writer"),
                        ],
                        max_length=12,
                    ),
                ),
                ("source", models.TextField()),
                ("html", models.TextField()),
                ("rendering_version", models.PositiveSmallIntegerField()),
                ("lang", models.CharField(max_length=2)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("delayed", "appears later"),
                            ("published", "online"),
                            ("held", "waits for a moderator"),
                            ("returned", "back with you"),
                            ("hidden", "hidden for a moment"),
                            ("withdrawn", "taken away by you"),
                            ("removed", "removed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=3)),
                ("message", models.TextField(blank=True)),
                ("was_public", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("published_number", models.PositiveIntegerField(default=0)),
                ("changed_number", models.PositiveIntegerField(default=0)),
                (
                    "written_at",
                    models.DateTimeField(default=forum.models.posts.this_hour),
                ),
                ("fragments", models.JSONField(default=dict)),
                (
                    "alias",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="posts",
                        to="forum.alias",
                    ),
                ),
                (
                    "answers",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="forum.post",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="named_posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="forum.thread",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["thread", "published_number"], name="post_order"
                    ),
                    models.Index(
                        fields=["thread", "changed_number"], name="post_changes"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("author__isnull", True),
                            ("alias__isnull", True),
                            _connector="XOR",
                        ),
                        name="post_one_kind_of_author",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "dilemma")),
                        fields=("thread",),
                        name="post_one_dilemma_per_thread",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.UniqueConstraint(
                fields=("thread", "tag"), name="alias_one_per_tag"
            ),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.UniqueConstraint(
                fields=("thread", "name"), name="alias_one_per_name"
            ),
        ),
    ]
