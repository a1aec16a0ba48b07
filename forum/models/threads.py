"""Themes, threads and the room: what a dilemma is, beside its texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import random_id, random_scope
from accounts.models import Member

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Category(models.TextChoices):
    """The twelve themes. A list in code: they change with the product's words."""

    TEAM = "team", _("Team and working together")
    STAFF = "staff", _("Staff and performance")
    SHORTAGE = "shortage", _("Teacher shortage and cover")
    PARENTS = "parents", _("Parents and boundaries")
    CARE = "care", _("Pupil support and inclusive education")
    SAFETY = "safety", _("Safety and behaviour")
    BOARD = "board", _("Board, council and speaking up")
    EQUITY = "equity", _("Fair chances and school advice")
    IDENTITY = "identity", _("Identity and society")
    QUALITY = "quality", _("Quality and inspection")
    MONEY = "money", _("Money, building and future")
    SELF = "self", _("You as a school leader")

    @property
    def line(self) -> StrOrPromise:
        """One line on what the theme is about."""
        return CATEGORY_LINES[self]


CATEGORY_LINES: dict[str, StrOrPromise] = {
    Category.TEAM: _("Tension, silence, resistance and trust in your team."),
    Category.STAFF: _("Hard talks, sick leave, contracts and saying goodbye."),
    Category.SHORTAGE: _("No substitute, and you decide what happens."),
    Category.PARENTS: _("Complaints, pressure, divorce and a good talk at the door."),
    Category.CARE: _("What does this child need, and what can the school carry?"),
    Category.SAFETY: _("Bullying, suspending, drawing lines and the way back."),
    Category.BOARD: _("When a decision does not fit your school."),
    Category.EQUITY: _("Advice, tests, poverty and equal chances."),
    Category.IDENTITY: _("Faith, diversity, politics and pressure from outside."),
    Category.QUALITY: _("Results, renewal and the verdict from outside."),
    Category.MONEY: _("Staffing, shrinking, merging, moving."),
    Category.SELF: _("Doubt, limits, loneliness and your own compass."),
}


class Ask(models.TextChoices):
    """What the author wants from readers."""

    LISTEN = "listen", _("Just read along")
    QUESTIONS = "questions", _("Ask me open questions")
    EXPERIENCES = "experiences", _("Share your experience")
    PERSPECTIVE = "perspective", _("Look with other eyes")
    ADVICE = "advice", _("Think along about what I can do")
    LOOK_BACK = "look_back", _("Look back with me")

    @property
    def help(self) -> StrOrPromise:
        """What the choice means for the author."""
        return ASK_WORDS[self][0]

    @property
    def banner(self) -> StrOrPromise:
        """What readers see above their reply."""
        return ASK_WORDS[self][1]

    @property
    def short(self) -> StrOrPromise:
        """The words on a card."""
        return ASK_WORDS[self][2]

    @property
    def change_line(self) -> StrOrPromise:
        """The quiet line in a thread whose author began to ask for this."""
        return ASK_CHANGES[self]


ASK_WORDS: dict[str, tuple[StrOrPromise, StrOrPromise, StrOrPromise]] = {
    Ask.LISTEN: (
        _("I want to get this off my chest. I do not ask for advice."),
        _("The writer asks for a listening ear."),
        _("Asks for a listening ear"),
    ),
    Ask.QUESTIONS: (
        _("Help me see what this is really about."),
        _("The writer asks for open questions."),
        _("Asks for open questions"),
    ),
    Ask.EXPERIENCES: (
        _("What happened with you, and what did it do to you?"),
        _("The writer would like to hear your experience."),
        _("Asks for your experience"),
    ),
    Ask.PERSPECTIVE: (
        _("How does this look to the child, the parent, the team, the board?"),
        _("The writer asks for another view."),
        _("Asks for another view"),
    ),
    Ask.ADVICE: (
        _("Ideas and tips are welcome."),
        _("The writer is open to advice."),
        _("Open to advice"),
    ),
    Ask.LOOK_BACK: (
        _("The choice is made. I want to learn from it."),
        _("The writer looks back. The choice stands."),
        _("Looks back"),
    ),
}


ASK_CHANGES: dict[str, StrOrPromise] = {
    Ask.LISTEN: _("The writer asks for a listening ear now."),
    Ask.QUESTIONS: _("The writer asks for open questions now."),
    Ask.EXPERIENCES: _("The writer would like to hear your experience now."),
    Ask.PERSPECTIVE: _("The writer asks for another view now."),
    Ask.ADVICE: _("The writer asks for advice too now."),
    Ask.LOOK_BACK: _("The writer looks back now. The choice stands."),
}


class AskedOutcome(models.TextChoices):
    """Where the one question stands how a dilemma turned out."""

    NOT_YET = "not_yet"
    ASKED = "asked"
    OVER = "over"


class Room(models.Model):
    """One row: the change number of the list of threads."""

    change_number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return "room"


class ThreadQuerySet(models.QuerySet["Thread"]):
    def visible_to(self, member: Member) -> ThreadQuerySet:
        """Threads that ever stood in the room, for members who were admitted."""
        if not member.is_admitted:
            return self.none()
        return self.filter(was_public=True)

    def listed(self) -> ThreadQuerySet:
        """Threads whose dilemma can be read now; others have only their address."""
        return self.filter(is_listed=True)

    def among(self, ids: frozenset[str]) -> ThreadQuerySet:
        """Threads whose ids lie on a member's shelf."""
        return self.filter(pk__in=ids)


class Thread(models.Model):
    """A dilemma and its replies. Who wrote it is known to the opening post only."""

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    scope = models.CharField(max_length=32, default=random_scope, editable=False)
    title = models.CharField(max_length=120)
    category = models.CharField(max_length=10, choices=Category.choices)
    ask = models.CharField(max_length=12, choices=Ask.choices)
    # The day on which the author began to ask for something else; the last one.
    ask_changed_on = models.DateField(null=True)
    is_locked = models.BooleanField(default=False)
    # Nobody replied for a long time: to be read only, until its author wakes it.
    is_resting = models.BooleanField(default=False)
    has_outcome = models.BooleanField(default=False)
    # Whether its author was asked how it turned out; once, whatever follows.
    asked_outcome = models.CharField(
        max_length=8, choices=AskedOutcome.choices, default=AskedOutcome.NOT_YET
    )
    was_public = models.BooleanField(default=False)
    is_listed = models.BooleanField(default=False)
    has_replies = models.BooleanField(default=False)
    # How many replies ever stood there; each kept its place.
    reply_count = models.PositiveIntegerField(default=0)
    change_number = models.PositiveIntegerField(default=0)
    head_number = models.PositiveIntegerField(default=0)
    # The last change that is news to who read on: a reaction is none.
    news_number = models.PositiveIntegerField(default=0)
    # The room's change number when the thread changed, first stood there, and last
    # rose in the list: an order that is public, and no moment.
    room_number = models.PositiveBigIntegerField(default=0, db_index=True)
    published_number = models.PositiveBigIntegerField(default=0)
    risen_number = models.PositiveBigIntegerField(default=0)
    risen_on = models.DateField(default=timezone.localdate)
    fragments = models.JSONField(default=dict)
    # The lowest version of its fragments, those of its posts included.
    fragment_version = models.PositiveSmallIntegerField(default=0)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        indexes = (
            # The orders of the list, so that a page of it is read and nothing else.
            models.Index(
                fields=["-risen_number"],
                condition=Q(is_listed=True),
                name="thread_order",
            ),
            models.Index(
                fields=["-published_number"],
                condition=Q(is_listed=True),
                name="thread_newest",
            ),
            models.Index(
                fields=["-risen_number"],
                condition=Q(is_listed=True, has_replies=False),
                name="thread_unanswered",
            ),
            models.Index(
                fields=["category", "-risen_number"],
                condition=Q(is_listed=True),
                name="thread_theme",
            ),
            # All that a tag needs of a thread, without its texts.
            models.Index(fields=["scope"], name="thread_scope"),
        )

    def __str__(self) -> str:
        return self.pk
