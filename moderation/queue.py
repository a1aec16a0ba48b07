"""The read side: what waits, in which order, and one item with all that belongs to it.

One list for all moderators; nothing in it depends on who looks or who wrote.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.tags import Domain, own_tags
from forum.models import Ask, Category, Post, PostState, ReplyKind
from forum.models.details import WORDS
from forum.models.reasons import Reason
from forum.posting import NEWCOMER, READ_FIRST
from forum.rendering import excerpt
from forum.text_checks.findings import Finding, check
from moderation.marking import Line, mark
from moderation.models import SANCTIONS, Act, Decision, Flag, ReviewItem

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

URGENT = {Reason.R04, Reason.R07, Reason.R10}
CONTEXT_POSTS = 2
CONTEXT_LENGTH = 400


@dataclass(frozen=True)
class Row:
    """A line of the queue."""

    item: ReviewItem
    title: str
    theme: StrOrPromise
    since: str
    signs: list[StrOrPromise]
    is_urgent: bool
    is_held: bool


@dataclass(frozen=True)
class Before:
    """A post that came before the one to read, in short."""

    post: Post
    text: str


@dataclass(frozen=True)
class Told:
    """What a dilemma tells beside its text, under its heading."""

    heading: StrOrPromise
    text: list[Line]


@dataclass(frozen=True)
class Card:
    """One item, with what a moderator needs to judge it and nothing of the account."""

    item: ReviewItem
    since: str
    signs: list[StrOrPromise]
    flags: list[Flag]
    decisions: list[Decision]
    findings: list[Finding]
    title: list[Line]
    text: list[Line]
    told: list[Told]
    before: list[Before]
    same_alias: list[Before]
    ask: Ask | None
    theme: StrOrPromise
    is_held: bool


@dataclass(frozen=True)
class OwnFlag:
    """A flag of the member who asks, and what became of it."""

    flag: Flag
    title: str
    outcome: str


def open_rows() -> list[Row]:
    """What waits: the urgent first, then the oldest. A fixed number of queries."""
    items = (
        ReviewItem.objects.exclude(state=ReviewItem.State.CLOSED)
        .select_related(
            "post__thread", "post__author", "post__alias", "application__member"
        )
        .prefetch_related("flags")
        .order_by("opened_at", "pk")
    )
    rows = [_row(item, list(item.flags.all())) for item in items]
    return sorted(rows, key=lambda row: not row.is_urgent)


def _row(item: ReviewItem, flags: list[Flag]) -> Row:
    return Row(
        item,
        title=item_title(item),
        theme=Category(item.post.thread.category).label if item.post else "",
        since=_since(item.opened_at),
        signs=_signs(item, flags),
        is_urgent=_is_urgent(item, flags),
        is_held=is_held(item),
    )


def item_title(item: ReviewItem) -> str:
    """What an item is, in words."""
    if item.application is not None:
        return _("Application of %(name)s") % {"name": item.application.full_name}
    if item.post is None:
        return ""
    return post_title(item.post)


def post_title(post: Post) -> str:
    """Whose text a post is, by the name that everybody sees."""
    words = _("Dilemma of %(name)s") if post.is_dilemma else _("Reply of %(name)s")
    return words % {"name": post.byline.name}


def is_held(item: ReviewItem) -> bool:
    """Whether somebody has the item in hand now."""
    return (
        item.state == ReviewItem.State.CLAIMED
        and item.claimed_until is not None
        and item.claimed_until > timezone.now()
    )


def _is_urgent(item: ReviewItem, flags: list[Flag]) -> bool:
    return any(flag.reason in URGENT for flag in flags) or bool(_seen_codes(item))


def _seen_codes(item: ReviewItem) -> list[str]:
    return [code for code in item.findings if code[:1] in {"I", "W"}]


def _signs(item: ReviewItem, flags: list[Flag]) -> list[StrOrPromise]:
    """Why it is here, in words; never how many."""
    signs: list[StrOrPromise] = []
    if flags:
        signs.append(_("Flagged"))
        signs += [
            Reason(reason).label for reason in sorted({flag.reason for flag in flags})
        ]
    if _seen_codes(item):
        signs.append(_("A check saw something"))
    if NEWCOMER in item.findings:
        signs.append(_("New member"))
    if READ_FIRST in item.findings:
        signs.append(_("Anonymous texts are read first"))
    return signs


def _since(moment: dt.datetime) -> str:
    """Since when something waits, no finer than a part of the day."""
    local = timezone.localtime(moment)
    days = (timezone.localdate() - local.date()).days
    if days > 1:
        return _("waits since %(day)s") % {"day": date_format(local, "j F")}
    if days == 1:
        return _("waits since yesterday")
    if local.hour < 12:
        return _("waits since this morning")
    if local.hour < 18:
        return _("waits since this afternoon")
    return _("waits since this evening")


def text_findings(post: Post) -> list[Finding]:
    """What the check sees in the text as it is now, the title of a dilemma included."""
    text = post.whole_source
    if post.is_dilemma:
        text = f"{post.thread.title}\n{text}"
    return check(
        text,
        is_reply=not post.is_dilemma,
        links_allowed=post.kind == ReplyKind.POINTER,
    )


def card(item: ReviewItem) -> Card:
    """The review card of ``item``; a closed one shows no text, only what was decided."""
    post = item.post
    is_closed = item.state == ReviewItem.State.CLOSED
    findings = text_findings(post) if post and not is_closed else []
    title: list[Line] = []
    text: list[Line] = []
    if post and not is_closed:
        body_start = 0
        if post.is_dilemma:
            title = mark(post.thread.title, findings)
            body_start = len(post.thread.title) + 1
        text = mark(post.source, findings, body_start)
    flags = list(item.flags.order_by("tag"))
    return Card(
        item,
        since=_since(item.opened_at),
        signs=_signs(item, flags),
        flags=flags,
        decisions=_decisions(item),
        findings=findings,
        title=title,
        text=text,
        told=_told(post, findings) if post and not is_closed else [],
        before=_before(post) if post and not is_closed else [],
        same_alias=_same_alias(post) if post and not is_closed else [],
        ask=Ask(post.thread.ask) if post else None,
        theme=Category(post.thread.category).label if post else "",
        is_held=is_held(item),
    )


def _told(post: Post, findings: list[Finding]) -> list[Told]:
    """What it tells beside its text, in the order in which it was checked."""
    start = len(post.source)
    if post.is_dilemma:
        start += len(post.thread.title) + 1
    told = []
    for detail in post.told:
        text = str(detail.text)
        if detail.name in WORDS:
            start += 2
            told.append(Told(detail.heading, mark(text, findings, start)))
            start += len(text)
        else:
            told.append(Told(detail.heading, mark(text, [])))
    return told


def _decisions(item: ReviewItem) -> list[Decision]:
    """What was decided before, of an alias in all of its conversation.

    Sanctions are read from here and never from their own rows, which follow their
    owner when a secret is replaced: a moderator must not see that.
    """
    decisions = Decision.objects.select_related("decided_by", "item")
    if item.post is None:
        return list(decisions.filter(item=item))
    if item.post.alias is None:
        return list(decisions.filter(item__post=item.post))
    return list(decisions.filter(item__post__alias=item.post.alias))


def _before(post: Post) -> list[Before]:
    """Up to two posts before it; what it answers is always one of them."""
    if post.is_dilemma:
        return []
    earlier = post.thread.posts.filter(state=PostState.PUBLISHED).exclude(pk=post.pk)
    if post.published_number:
        earlier = earlier.filter(published_number__lt=post.published_number)
    near = list(
        earlier.select_related("author", "alias").order_by("-published_number")[
            :CONTEXT_POSTS
        ]
    )[::-1]
    answered = post.answers
    if answered and answered.is_online and answered not in near:
        near = [answered, *near[1:]]
    return [_short(each) for each in near]


def _same_alias(post: Post) -> list[Before]:
    """What the same alias wrote in this thread: the alias only exists there."""
    if post.alias is None:
        return []
    others = (
        Post.objects.filter(alias=post.alias)
        .handed_in()
        .exclude(pk=post.pk)
        .exclude(state=PostState.WITHDRAWN)
        .select_related("alias")
        .order_by("published_number", "pk")
    )
    return [_short(each) for each in others]


def _short(post: Post) -> Before:
    return Before(post, excerpt(post.source, CONTEXT_LENGTH))


def own_flags(member: Member) -> list[OwnFlag]:
    """The member's own flags, found by tags that are computed for this one member."""
    rows = list(Flag.objects.values_list("tag", "post__scope"))
    tags = own_tags(member, Domain.FLAG, {scope for _tag, scope in rows})
    flags = (
        Flag.objects.filter(
            tag__in=[tag for tag, scope in rows if tags.get(tag) == scope]
        )
        .select_related("post__thread", "post__author", "post__alias", "item")
        .prefetch_related("item__decisions")
        .order_by("tag")
    )
    return [OwnFlag(flag, post_title(flag.post), _outcome(flag)) for flag in flags]


def _outcome(flag: Flag) -> str:
    """What became of the text, for whoever flagged it."""
    if flag.item.state != ReviewItem.State.CLOSED:
        return _("A moderator is going to read it, or is reading it now.")
    # Whoever flags a text learns what became of it, and not of its writer.
    acts = {decision.act for decision in flag.item.decisions.all()} - SANCTIONS
    if acts == {Act.KEEP}:
        return _("We looked at it. The text stays.")
    # Published after a flag: it was changed and offered again in between.
    return _("We looked at it. The text was changed or taken away.")
