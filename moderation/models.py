"""Flags, the review queue and decisions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.blinded import BlindedRow
from accounts.ids import random_id
from accounts.models import Application, Member
from forum.models import Post
from forum.models.posts import this_hour
from forum.models.reasons import Reason


class Act(models.TextChoices):
    """What a moderator can do with an item."""

    PUBLISH = "publish", _("Publish")
    KEEP = "keep", _("Leave as it is")
    RETURN = "return", _("Back to the writer")
    HIDE = "hide", _("Hide for a moment")
    REMOVE = "remove", _("Remove")
    WARN = "warn", _("Warn the writer")
    PAUSE = "pause", _("Pause writing")
    ADMIT = "admit", _("Admit")
    REFUSE = "refuse", _("Do not admit")


# Acts about whoever wrote the text: they leave the text as it is and the item open.
SANCTIONS = frozenset({Act.WARN, Act.PAUSE})


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
    claimed_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
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


class QueueState(models.Model):
    """One row: the change number of the queue."""

    change_number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return "queue"


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
    # Of a pause: the first day on which its author may write again.
    until = models.DateField(null=True)
    post_version = models.PositiveIntegerField(null=True)
    is_from_flag = models.BooleanField(default=False)
    is_from_software = models.BooleanField(default=False)
    decided_at = models.DateTimeField(default=this_hour)

    class Meta:
        ordering = ("-decided_at",)

    def __str__(self) -> str:
        return self.pk


class Message(models.Model):
    """What a moderator told the author of a post about how they write.

    It hangs on the post and on nobody: by name it is read on the page of the post,
    under an alias in owner mode.
    """

    class Kind(models.TextChoices):
        WARN = Act.WARN.value, _("We want to talk something over with you")
        PAUSE = Act.PAUSE.value, _("You cannot write for a while")

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    text = models.TextField(max_length=3000)
    until = models.DateField(null=True)
    written_at = models.DateTimeField(default=this_hour)

    class Meta:
        ordering = ("-written_at", "pk")

    def __str__(self) -> str:
        return self.pk


class Ground(models.TextChoices):
    """The closed list of grounds on which an alias may be unsealed."""

    ORDER = "order", _("An order of a court or a competent authority")
    DANGER = "danger", _("Danger to somebody's life or to the safety of a child")


class UnsealingRequest(models.Model):
    """One custodian's request to find the writer behind an alias; never the result."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a second custodian")
        APPROVED = "approved", _("Approved")
        OPENED = "opened", _("Opened")
        REFUSED = "refused", _("Refused")
        EXPIRED = "expired", _("Expired")

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    post = models.ForeignKey(Post, models.PROTECT, related_name="unsealing_requests")
    asked_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    approved_by = models.ForeignKey(
        Member, models.SET_NULL, null=True, related_name="+"
    )
    ground = models.CharField(max_length=6, choices=Ground.choices)
    reason = models.TextField(max_length=3000)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(default=this_hour)
    # From then on it may be opened: after the wait, or at once where there is danger.
    opens_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    # Until that day the law forbids telling the member.
    ban_until = models.DateField(null=True)
    found = models.BooleanField(null=True)
    # Signed proofs of a second factor by member id, good for five minutes; erased
    # when used.
    stamps = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(asked_by__isnull=True)
                | ~Q(approved_by=models.F("asked_by")),
                name="unsealing_two_people",
            ),
            models.CheckConstraint(
                condition=Q(ground__in=Ground.values), name="unsealing_closed_list"
            ),
            models.UniqueConstraint(
                fields=["post"],
                condition=Q(state__in=["asked", "approved"]),
                name="unsealing_one_open_per_post",
            ),
        )

    def __str__(self) -> str:
        return self.pk


class UnsealingLink(models.Model):
    """One link of the record: what was done or tried, chained to the one before.

    It holds words and ids, no keys to other tables: what happened stays as it was
    when a member leaves. Written by `moderation.record` alone, and never changed.
    """

    class Kind(models.TextChoices):
        APPOINTED = "appointed", _("Custodian appointed")
        ENDED = "ended", _("No longer custodian")
        ASKED = "asked", _("Asked")
        CONFIRMED = "confirmed", _("Confirmed with a second factor")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        EXPIRED = "expired", _("Expired")
        OPENED = "opened", _("Opened")
        SHOWN = "shown", _("Shown to the second custodian")
        FAILED_ASK = "failed_ask", _("Tried to ask")
        FAILED_CONFIRM = "failed_confirm", _("Tried to confirm")
        FAILED_APPROVE = "failed_approve", _("Tried to approve")
        FAILED_REFUSE = "failed_refuse", _("Tried to refuse")
        FAILED_OPEN = "failed_open", _("Tried to open")
        FAILED_SHOW = "failed_show", _("Tried to see the result")

    number = models.PositiveIntegerField(primary_key=True)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    who = models.CharField(max_length=250, blank=True)
    who_id = models.CharField(max_length=20, blank=True)
    # The other person: who was appointed, who asked, who confirmed the opening.
    whom = models.CharField(max_length=60, blank=True)
    whom_id = models.CharField(max_length=20, blank=True)
    hour = models.DateTimeField(default=this_hour)
    request_id = models.CharField(max_length=20, blank=True)
    post_id = models.CharField(max_length=20, blank=True)
    ground = models.CharField(max_length=6, choices=Ground.choices, blank=True)
    reason = models.TextField(blank=True)
    ban_until = models.DateField(null=True)
    problem = models.CharField(max_length=12, blank=True)
    found = models.BooleanField(null=True)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.number)


class UnsealingHead(models.Model):
    """One row: the number and the hash of the last link, so that its loss is seen."""

    number = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


class Notice(BlindedRow):
    """A member read that an alias of theirs was unsealed; under their own tag."""
