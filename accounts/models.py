"""Who a member is and how we reach them. Nothing here knows about threads."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.blinded import BlindedRow
from accounts.ids import random_id

NEWCOMER_DAYS = 14
# The one row that bears the named texts of everybody who left. No random id has an "l".
LEFT_ID = "left"


class Language(models.TextChoices):
    DUTCH = "nl", "Nederlands"
    ENGLISH = "en", "English"


class Region(models.TextChoices):
    NORTH = "north", _("North")
    MIDDLE = "middle", _("Middle")
    SOUTH = "south", _("South")
    UNKNOWN = "unknown", _("I do not know")


class Frequency(models.TextChoices):
    """How often a member wants the digest of new threads."""

    SCHOOL_DAYS = "school_days", _("Every school day at 7:00")
    WEDNESDAY = "wednesday", _("Every Wednesday at 12:30")
    FRIDAY = "friday", _("Every Friday at 15:30")
    NEVER = "never", _("Never")


class MemberManager(BaseUserManager["Member"]):
    """Finds members by address; making one is `accounts.joining`'s work."""

    def get_by_natural_key(self, username: str | None) -> Member:
        return self.get(email=(username or "").lower())


class Member(AbstractBaseUser):
    """A person with an account. Admitted members pass the second door."""

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=60)
    language = models.CharField(
        max_length=2, choices=Language.choices, default=Language.DUTCH
    )
    region = models.CharField(
        max_length=8, choices=Region.choices, default=Region.UNKNOWN
    )
    digest_frequency = models.CharField(
        max_length=12, choices=Frequency.choices, default=Frequency.WEDNESDAY
    )
    digest_has_titles = models.BooleanField(default=False)
    digest_categories = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    is_moderator = models.BooleanField(default=False)
    is_custodian = models.BooleanField(default=False)
    is_operator = models.BooleanField(default=False)
    admitted_on = models.DateField(null=True, blank=True)
    # The day and nothing later: a moment would tell who wrote what.
    last_signed_in_on = models.DateField(null=True, blank=True)
    last_login = None

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = MemberManager()

    def __str__(self) -> str:
        return self.pk

    @property
    def shown_name(self) -> str:
        """The name at a named text; for who left, the same words for everybody."""
        return gettext("Somebody who left") if self.pk == LEFT_ID else self.display_name

    @property
    def is_admitted(self) -> bool:
        return self.is_active and self.admitted_on is not None

    @property
    def is_newcomer(self) -> bool:
        """Admitted less than fourteen days ago: named texts are read first."""
        if self.admitted_on is None:
            return True
        return timezone.localdate() < self.admitted_on + dt.timedelta(NEWCOMER_DAYS)


class MemberSecret(models.Model):
    """The member's secret, wrapped under the key ring; fixed length, no time."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True)
    wrapped = models.BinaryField(max_length=60)

    def __str__(self) -> str:
        return "secret"


class Shelf(models.Model):
    """One sealed blob per member: what they follow, saved and muted."""

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True)
    sealed = models.BinaryField()
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return "shelf"


class Draft(BlindedRow):
    """A text not sent yet, sealed, under the tag of one of ten slots."""

    sealed = models.BinaryField()


class Tombstone(BlindedRow):
    """What was deleted for good or replaced, sealed; see `accounts.tombstones`.

    Its key is random and belongs to nobody.
    """

    sealed = models.BinaryField(max_length=108)


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def active(self) -> SanctionQuerySet:
        """Sanctions whose day has not come yet."""
        return self.filter(until__gt=timezone.localdate())


class Sanction(models.Model):
    """A limit on the author of a named text, or on whoever is behind an alias.

    Exactly one: a member, or a scope and a sealed tag. Nothing says which member a
    sanction on an alias is about; see `accounts.sanctions`.
    """

    class Kind(models.TextChoices):
        WARN = "warn"
        PAUSE_WRITING = "pause_writing"

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+")
    scope = models.CharField(max_length=32, blank=True)
    sealed_tag = models.BinaryField(max_length=44, null=True)
    kind = models.CharField(max_length=13, choices=Kind.choices)
    # The first day on which it holds no longer.
    until = models.DateField()
    # The code of a reason.
    ground = models.CharField(max_length=3)
    issued_on = models.DateField(default=timezone.localdate)

    objects = SanctionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(member__isnull=False, scope="", sealed_tag__isnull=True)
                | Q(member__isnull=True, sealed_tag__isnull=False) & ~Q(scope=""),
                name="sanction_one_target",
            ),
        )

    def __str__(self) -> str:
        return self.pk


class Work(models.TextChoices):
    """The kinds of school leader; a board member is none of them."""

    DIRECTOR = "director", _("Director")
    DEPUTY = "deputy", _("Deputy director")
    LOCATION = "location", _("Location leader")
    SEVERAL = "several", _("Director of several schools")
    INTERIM = "interim", _("Interim director")
    OTHER = "other", _("Something else")


class ProofRoute(models.TextChoices):
    """How we may check that somebody leads a school."""

    CALL = "call", _("You call me at the number on the school's website")
    REGISTER = "register", _("I give my number in the school leaders' register")
    MEMBER = "member", _("Somebody who is a member knows me")
    WORK_MAIL = "work_mail", _("You send a code to my work address")


class Application(models.Model):
    """What an applicant tells us. Read by moderators, never shown to members."""

    class State(models.TextChoices):
        OPEN = "open", _("We are looking at it")
        ADMITTED = "admitted", _("Admitted")
        REFUSED = "refused", _("Not admitted")

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    member = models.OneToOneField(Member, models.CASCADE)
    full_name = models.CharField(max_length=120)
    work = models.CharField(max_length=10, choices=Work.choices)
    work_note = models.CharField(max_length=120, blank=True)
    proof_route = models.CharField(max_length=10, choices=ProofRoute.choices)
    proof_note = models.CharField(max_length=200, blank=True)
    school = models.CharField(max_length=120)
    board = models.CharField(max_length=120, blank=True)
    motivation = models.TextField(max_length=1000, blank=True)
    is_board_member = models.BooleanField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    sent_on = models.DateField(default=timezone.localdate)
    decided_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.pk


class Invitation(models.Model):
    """A way in without an application; the token itself is only in the mail."""

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    email = models.EmailField(unique=True)
    token_digest = models.CharField(max_length=64, unique=True)
    language = models.CharField(
        max_length=2, choices=Language.choices, default=Language.DUTCH
    )
    made_on = models.DateField(default=timezone.localdate)
    accepted_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.pk


class Outgoing(models.Model):
    """One mail to send, written with the change that caused it, gone when sent."""

    class State(models.TextChoices):
        WAITING = "waiting"
        GIVEN_UP = "given_up"

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    recipient = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.WAITING
    )
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.pk
