"""Texts: the dilemma itself and the replies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import random_id, random_scope
from accounts.models import Member
from forum.models.aliases import Alias
from forum.models.details import WORDS, Detail, details_of
from forum.models.reasons import Hindrance, Reason
from forum.models.threads import Thread

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REPLIES_PER_PAGE = 20


def page_address(thread_id: str, page: int) -> str:
    """The address of a page of a conversation; the first has no number."""
    path = reverse("forum:thread_detail", args=[thread_id])
    return f"{path}?page={page}" if page > 1 else path


def hour_of(moment: dt.datetime) -> dt.datetime:
    """The hour of ``moment`` and nothing finer."""
    return moment.replace(minute=0, second=0, microsecond=0)


def this_hour() -> dt.datetime:
    """The hour and nothing finer: what every text keeps of its moment."""
    return hour_of(timezone.now())


class ReplyKind(models.TextChoices):
    """What kind of text a post is; DILEMMA opens the thread, OUTCOME stands at its end."""

    DILEMMA = "dilemma", _("Dilemma")
    QUESTION = "question", _("Open question")
    EXPERIENCE = "experience", _("My experience")
    PERSPECTIVE = "perspective", _("Another view")
    ADVICE = "advice", _("Advice")
    SUPPORT = "support", _("Support")
    POINTER = "pointer", _("Fact or pointer")
    ANSWER = "answer", _("Answer of the writer")
    OUTCOME = "outcome", _("How it turned out")

    @property
    def help(self) -> StrOrPromise:
        """What to mind, under the field."""
        return KIND_HELP[self]

    @property
    def starters(self) -> tuple[StrOrPromise, ...]:
        """Sentences to begin with."""
        return KIND_STARTERS.get(self, ())

    @property
    def closed(self) -> StrOrPromise:
        """Why it is closed, where the author asks for something else."""
        return KIND_CLOSED.get(self, "")


KIND_HELP: dict[str, StrOrPromise] = {
    ReplyKind.QUESTION: _(
        "One or two questions is enough. Do you know the answer already? "
        "Then it is not an open question."
    ),
    ReplyKind.EXPERIENCE: _("Tell also what it cost."),
    ReplyKind.PERSPECTIVE: _("Choose one chair. You need not be right."),
    ReplyKind.ADVICE: _("Only when the writer asks for it."),
    ReplyKind.SUPPORT: _("Short is fine. Do not comfort it away."),
    ReplyKind.POINTER: _("A rule, a number, a source. No judgment."),
}


KIND_STARTERS: dict[str, tuple[StrOrPromise, ...]] = {
    ReplyKind.QUESTION: (_("What makes that…"), _("Suppose that…, what then?")),
    ReplyKind.EXPERIENCE: (_("With me something like this was going on. I…"),),
    ReplyKind.PERSPECTIVE: (_("From the chair of … I see…"),),
    ReplyKind.ADVICE: (_("An idea, see whether it fits: …"),),
    ReplyKind.SUPPORT: (_("I read that…"),),
    ReplyKind.POINTER: (_("Good to know: …"),),
}
KIND_CLOSED: dict[str, StrOrPromise] = {
    ReplyKind.PERSPECTIVE: _("The writer does not ask for another view now."),
    ReplyKind.ADVICE: _("The writer does not ask for advice now."),
}

# What stands in a conversation beside its replies, and has no place among them.
BESIDE_REPLIES = (ReplyKind.DILEMMA, ReplyKind.OUTCOME)


class PostState(models.TextChoices):
    DELAYED = "delayed", _("appears later")
    PUBLISHED = "published", _("online")
    HELD = "held", _("waits for a moderator")
    RETURNED = "returned", _("back with you")
    HIDDEN = "hidden", _("hidden for a moment")
    WITHDRAWN = "withdrawn", _("taken away by you")
    REMOVED = "removed", _("removed")


# What only the author of the dilemma writes.
OF_STARTER = (ReplyKind.DILEMMA, ReplyKind.ANSWER, ReplyKind.OUTCOME)
# What a member may choose for a reply.
OFFERED = tuple(kind for kind in ReplyKind if kind not in OF_STARTER)


# What its author may still change.
EDITABLE = (
    PostState.DELAYED,
    PostState.PUBLISHED,
    PostState.HELD,
    PostState.RETURNED,
    PostState.HIDDEN,
)


def whole_source(source: str, details: dict[str, str]) -> str:
    """A text with what is told beside it, as the checks and a moderator read it."""
    return "\n\n".join([source, *(details[name] for name in WORDS if name in details)])


@dataclass(frozen=True)
class Byline:
    """Who a post shows as its author: a name, and whether it is an alias."""

    name: str
    is_alias: bool
    is_starter: bool

    @property
    def mark(self) -> str:
        """The first letter, for the neutral mark beside a name."""
        return self.name[:1].upper()


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, member: Member) -> PostQuerySet:
        """Posts that stand in the room, or left a line there."""
        if not member.is_admitted:
            return self.none()
        # How it turned out tells the dilemma: without that it is not shown either.
        told = ~Q(kind=ReplyKind.OUTCOME) | Q(thread__is_listed=True)
        return self.filter(told, thread__was_public=True, was_public=True)

    def replies(self) -> PostQuerySet:
        """Replies in any state, without what stands beside them."""
        return self.exclude(kind__in=BESIDE_REPLIES)

    def by_name_of(self, member: Member) -> PostQuerySet:
        """What the member wrote under their own name; nothing anonymous, ever."""
        return self.filter(author=member)

    def handed_in(self) -> PostQuerySet:
        """Texts that were offered to the room or to a moderator.

        Not those that wait for their tick or came back from it: only their author
        ever saw them.
        """
        return self.exclude(state=PostState.DELAYED).exclude(
            reason__in=Hindrance.values
        )


class Post(models.Model):
    """Any text in a thread: an open author or an alias, exactly one."""

    id = models.CharField(
        primary_key=True, max_length=20, default=random_id, editable=False
    )
    scope = models.CharField(max_length=32, default=random_scope, editable=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="posts")
    author = models.ForeignKey(
        Member, models.RESTRICT, null=True, related_name="named_posts"
    )
    alias = models.ForeignKey(Alias, models.RESTRICT, null=True, related_name="posts")
    kind = models.CharField(max_length=12, choices=ReplyKind.choices)
    answers = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    source = models.TextField()
    html = models.TextField()
    # What a dilemma or its outcome tells beside it, by the names of `HEADINGS`.
    details = models.JSONField(default=dict, blank=True)
    rendering_version = models.PositiveSmallIntegerField()
    lang = models.CharField(max_length=2)
    state = models.CharField(max_length=10, choices=PostState.choices)
    # What a moderator told the author with the last act: a code, and words. Or the
    # code of why a delayed text did not appear.
    reason = models.CharField(max_length=3, blank=True)
    message = models.TextField(blank=True)
    was_public = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    # The thread's change numbers when this first stood there and when it last changed.
    published_number = models.PositiveIntegerField(default=0)
    changed_number = models.PositiveIntegerField(default=0)
    # Of a reply its ordinal in the thread, for good; 0 before it stood there.
    place = models.PositiveIntegerField(default=0)
    # Of a delayed text the hour of its tick: nothing keeps when it was written.
    written_at = models.DateTimeField(default=this_hour)
    # A question that touches the author of the dilemma: for the two of them only.
    is_warm = models.BooleanField(default=False)
    # The tick of a delayed text; erased when it is used.
    release_at = models.DateTimeField(null=True, editable=False)
    fragments = models.JSONField(default=dict)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(author__isnull=True) ^ Q(alias__isnull=True),
                name="post_one_kind_of_author",
            ),
            models.UniqueConstraint(
                fields=["thread"],
                condition=Q(kind=ReplyKind.DILEMMA),
                name="post_one_dilemma_per_thread",
            ),
            models.CheckConstraint(
                condition=Q(state=PostState.DELAYED) ^ Q(release_at__isnull=True),
                name="post_tick_while_delayed",
            ),
        )
        indexes = (
            models.Index(fields=["thread", "published_number"], name="post_order"),
            models.Index(fields=["thread", "changed_number"], name="post_changes"),
            models.Index(fields=["thread", "place"], name="post_place"),
            models.Index(
                fields=["release_at"],
                condition=Q(release_at__isnull=False),
                name="post_ticks",
            ),
        )

    def __str__(self) -> str:
        return self.pk

    @property
    def byline(self) -> Byline:
        """The author as everybody sees them; the starter's replies are answers."""
        is_starter = self.kind in OF_STARTER
        if self.alias is not None:
            return Byline(self.alias.name, is_alias=True, is_starter=is_starter)
        name = self.author.shown_name if self.author else ""
        return Byline(name, is_alias=False, is_starter=is_starter)

    @property
    def told(self) -> list[Detail]:
        """What it tells beside its text."""
        return details_of(self.details)

    @property
    def whole_source(self) -> str:
        """Everything in the writer's own words but the title."""
        return whole_source(self.source, self.details)

    @property
    def reason_line(self) -> StrOrPromise:
        """Why it is offline, in words; empty when there is nothing to say."""
        return Reason(self.reason).line if self.reason in Reason.values else ""

    @property
    def hindrance(self) -> StrOrPromise:
        """Why it did not appear at its tick, for its author; empty for other texts."""
        is_one = self.reason in Hindrance.values
        return Hindrance(self.reason).label if is_one else ""

    @property
    def is_dilemma(self) -> bool:
        return self.kind == ReplyKind.DILEMMA

    @property
    def is_outcome(self) -> bool:
        return self.kind == ReplyKind.OUTCOME

    @property
    def is_reply(self) -> bool:
        return self.kind not in BESIDE_REPLIES

    @property
    def page(self) -> int:
        """The page of its conversation on which it stands."""
        return max(1, -(-self.place // REPLIES_PER_PAGE))

    @property
    def address(self) -> str:
        """Where it stands in its conversation."""
        return f"{page_address(self.thread_id, self.page)}#post-{self.pk}"

    @property
    def is_anonymous(self) -> bool:
        return self.alias_id is not None

    @property
    def is_delayed(self) -> bool:
        return self.state == PostState.DELAYED

    @property
    def is_online(self) -> bool:
        return self.state == PostState.PUBLISHED

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def written_on(self) -> dt.date:
        """The day, which is all that a page shows."""
        return timezone.localdate(self.written_at)
