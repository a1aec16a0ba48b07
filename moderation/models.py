"""Flags, the review queue and decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.blinded import BlindedRow
from accounts.ids import random_id
from accounts.models import Application, Member
from forum.models import Post
from forum.models.posts import this_hour

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Reason(models.TextChoices):
    """Why a text may not stay as it is; the house rule is beside each."""

    R01 = "R01", _("Judgment of the person")
    R02 = "R02", _("Advice without a question")
    R03 = "R03", _("School or writer recognisable")
    R04 = "R04", _("Child recognisable")
    R05 = "R05", _("Somebody else recognisable or harmed")
    R06 = "R06", _("Guessing who somebody is")
    R07 = "R07", _("Threat, hate or intimidation")
    R08 = "R08", _("Advertising, recruiting, campaign")
    R09 = "R09", _("Taken outside")
    R10 = "R10", _("First another route")
    R11 = "R11", _("Does not fit here, or is here already")
    R12 = "R12", _("Against the law")
    R13 = "R13", _("Attachment or link")
    R14 = "R14", _("Account is not right")

    @property
    def line(self) -> StrOrPromise:
        """The short reason in the thread, in words."""
        return REASON_LINES[self]

    @property
    def rules(self) -> str:
        """The numbers of the house rules it rests on."""
        return REASON_RULES.get(self, "")


REASON_LINES: dict[str, StrOrPromise] = {
    Reason.R01: _("sounded like a judgment"),
    Reason.R02: _("advice that was not asked for"),
    Reason.R03: _("too recognisable"),
    Reason.R04: _("a child could be recognised"),
    Reason.R05: _("somebody else could be recognised"),
    Reason.R06: _("was about who somebody is"),
    Reason.R07: _("not safe"),
    Reason.R08: _("advertising"),
    Reason.R09: _("comes from outside or goes outside"),
    Reason.R10: _("belongs somewhere else first"),
    Reason.R11: _("does not fit in this conversation"),
    Reason.R12: _("the law does not allow it"),
    Reason.R13: _("link taken away"),
    Reason.R14: "",
}
REASON_RULES: dict[str, str] = {
    Reason.R01: "4",
    Reason.R02: "2",
    Reason.R03: "5",
    Reason.R04: "5",
    Reason.R05: "5",
    Reason.R06: "6",
    Reason.R07: "4",
    Reason.R08: "9",
    Reason.R09: "7",
    Reason.R10: "8",
    Reason.R13: "5, 9",
}


class Act(models.TextChoices):
    """What a moderator can do with an item."""

    PUBLISH = "publish", _("Publish")
    KEEP = "keep", _("Leave as it is")
    RETURN = "return", _("Back to the writer")
    HIDE = "hide", _("Hide for a moment")
    REMOVE = "remove", _("Remove")
    ADMIT = "admit", _("Admit")
    REFUSE = "refuse", _("Do not admit")


class ReviewItem(models.Model):
    """One thing in the queue: a post or an application, exactly one."""

    class State(models.TextChoices):
        OPEN = "open"
        CLAIMED = "claimed"
        CLOSED = "closed"

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    post = models.ForeignKey(
        Post, models.CASCADE, null=True, related_name="review_items"
    )
    application = models.ForeignKey(
        Application, models.CASCADE, null=True, related_name="review_items"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    # Codes of the text check; the fragments are found again in the text.
    findings = models.JSONField(default=list, blank=True)
    # The text as it was when the item was made, until the item is closed.
    source = models.TextField(blank=True)
    claimed_by = models.ForeignKey(
        Member, models.SET_NULL, null=True, related_name="+"
    )
    # Erased when the claim ends.
    claimed_until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(default=this_hour)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(post__isnull=True) ^ Q(application__isnull=True),
                name="item_one_target",
            ),
            models.UniqueConstraint(
                fields=["post"],
                condition=~Q(state="closed"),
                name="item_one_open_per_post",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=~Q(state="closed"),
                name="item_one_open_per_application",
            ),
        )
        indexes = (models.Index(fields=["state", "opened_at"], name="item_queue"),)

    def __str__(self) -> str:
        return self.pk


class Flag(BlindedRow):
    """A member's word to the moderators about a post, under the member's own tag."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="flags")
    item = models.ForeignKey(ReviewItem, models.CASCADE, related_name="flags")
    reason = models.CharField(max_length=3, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True)


class Decision(models.Model):
    """One act of a moderator with its statement of reasons.

    What it holds follows the Digital Services Act, article 17: what was done, on
    which facts, whether a notice led to it, whether software decided, which rule.
    """

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    item = models.ForeignKey(ReviewItem, models.CASCADE, related_name="decisions")
    decided_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    act = models.CharField(max_length=8, choices=Act.choices)
    reason = models.CharField(max_length=3, choices=Reason.choices, blank=True)
    message = models.TextField(blank=True, max_length=3000)
    post_version = models.PositiveIntegerField(null=True)
    is_from_flag = models.BooleanField(default=False)
    is_from_software = models.BooleanField(default=False)
    decided_at = models.DateTimeField(default=this_hour)

    class Meta:
        ordering = ("-decided_at",)

    def __str__(self) -> str:
        return self.pk
