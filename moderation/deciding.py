"""Every act of a moderator: it changes the forum and writes one Decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import joining
from accounts.models import Application, Member
from accounts.permissions import is_moderator, require
from forum import curating, live
from forum.models import Post, PostState
from forum.models.reasons import Reason
from forum.posting import NEWCOMER, READ_FIRST
from moderation.live import change_queue
from moderation.models import SANCTIONS, Act, Decision, ReviewItem
from moderation.permissions import has_sanction_for, is_party, takes_two

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LEASE = dt.timedelta(minutes=5)
BUSY = gettext_lazy("A colleague is reading this now.")
CHANGED = gettext_lazy("The writer changed this text just now. Read it once more.")
TAKES_TWO = gettext_lazy(
    "Removing this takes two moderators, and the way to do that together is still "
    "being made. You can hide it for a moment."
)
NO_SANCTION = gettext_lazy(
    "Nobody is warned or paused because something belongs elsewhere first. "
    "Send it back with the help lines."
)
OUTCOMES: dict[str, StrOrPromise] = {
    Act.PUBLISH: gettext_lazy("the text is online"),
    Act.KEEP: gettext_lazy("the text stays as it is"),
    Act.RETURN: gettext_lazy("the text went back to the writer"),
    Act.HIDE: gettext_lazy("the text is hidden for a moment"),
    Act.REMOVE: gettext_lazy("the text is removed"),
    Act.WARN: gettext_lazy("the writer is warned"),
    Act.PAUSE: gettext_lazy("the writer cannot write for a while"),
    Act.ADMIT: gettext_lazy("the applicant is admitted"),
    Act.REFUSE: gettext_lazy("the applicant is not admitted"),
}
# Codes that say why a text is read first; no software saw anything in it.
RULES_OF_READING = {NEWCOMER, READ_FIRST}


def claim(*, by: Member, item: ReviewItem) -> None:
    """Take the item for five minutes; a second call by the holder renews that.

    The author of the text and whoever flagged it are refused with the same words as
    for an item that a colleague holds: a refusal says nothing about who wrote what.
    Raises ValidationError.
    """
    require(is_moderator(by))
    now = timezone.now()
    is_free = (
        Q(state=ReviewItem.State.OPEN)
        | Q(state=ReviewItem.State.CLAIMED, claimed_by=by)
        | Q(state=ReviewItem.State.CLAIMED, claimed_until__lte=now)
        | Q(state=ReviewItem.State.CLAIMED, claimed_by=None)
    )
    with transaction.atomic():
        if is_party(by, item) or not ReviewItem.objects.filter(
            is_free, pk=item.pk
        ).update(
            state=ReviewItem.State.CLAIMED, claimed_by=by, claimed_until=now + LEASE
        ):
            raise ValidationError(_over(ReviewItem.objects.get(pk=item.pk)) or BUSY)
        change_queue()
    item.refresh_from_db(fields=["state", "claimed_by", "claimed_until"])


def release_lapsed() -> int:
    """Give back what somebody claimed and did not finish; returns how many.

    Who held it, and until when, is erased.
    """
    with transaction.atomic():
        freed = ReviewItem.objects.filter(
            state=ReviewItem.State.CLAIMED, claimed_until__lte=timezone.now()
        ).update(state=ReviewItem.State.OPEN, claimed_by=None, claimed_until=None)
        if freed:
            change_queue()
    return freed


def publish(*, by: Member, item: ReviewItem, version: int) -> Decision:
    """held or hidden → published, as the moderator read it: ``version``."""
    return decide_post(
        by,
        item,
        Act.PUBLISH,
        version,
        lambda post: curating.release(post, version=version),
    )


def keep(*, by: Member, item: ReviewItem, version: int) -> Decision:
    """Leave a flagged text where it stands."""

    def look(post: Post) -> None:
        if not Post.objects.filter(
            pk=post.pk, version=version, state=PostState.PUBLISHED
        ).exists():
            raise ValidationError(CHANGED)

    return decide_post(by, item, Act.KEEP, version, look)


def return_for_edit(
    *, by: Member, item: ReviewItem, version: int, reason: Reason, message: str
) -> Decision:
    """Give the text back to its author with ``message``; it is offline until then."""
    return decide_post(
        by,
        item,
        Act.RETURN,
        version,
        lambda post: curating.send_back(
            post, version=version, reason=reason, message=message
        ),
        reason,
        message,
    )


def hide(
    *, by: Member, item: ReviewItem, version: int, reason: Reason, message: str
) -> Decision:
    """Take the text offline until its author changes it."""
    return decide_post(
        by,
        item,
        Act.HIDE,
        version,
        lambda post: curating.hide(
            post, version=version, reason=reason, message=message
        ),
        reason,
        message,
    )


def remove(
    *, by: Member, item: ReviewItem, version: int, reason: Reason, message: str
) -> Decision:
    """Remove the text for good; refused where that takes two moderators."""
    return decide_post(
        by,
        item,
        Act.REMOVE,
        version,
        lambda post: curating.remove(
            post, version=version, reason=reason, message=message
        ),
        reason,
        message,
    )


def admit(*, by: Member, item: ReviewItem) -> Decision:
    """Let the applicant in."""
    return _decide_application(
        by, item, Act.ADMIT, lambda application: joining.admit(application=application)
    )


def refuse(*, by: Member, item: ReviewItem, message: str) -> Decision:
    """Do not let the applicant in; ``message`` is the reason that they read."""
    if not message.strip():
        raise ValidationError(_("Say why, in a sentence that the applicant may read."))
    return _decide_application(
        by,
        item,
        Act.REFUSE,
        lambda application: joining.refuse(application=application, message=message),
        message,
    )


def decide_post(
    by: Member,
    item: ReviewItem,
    act: Act,
    version: int,
    change: Callable[[Post], None],
    reason: Reason | None = None,
    message: str = "",
    until: dt.date | None = None,
) -> Decision:
    """One act on the text of ``item`` as it was read in ``version``, with its record.

    It closes the item, but for a sanction: that renews the claim, so that the text
    can be decided on as well. ``change`` runs in the same transaction. Raises
    PermissionDenied, or ValidationError with the words for whoever came too late.
    """
    require(is_moderator(by))
    post = item.post
    if post is None:
        raise PermissionDenied
    if act in {Act.RETURN, Act.HIDE, Act.REMOVE, *SANCTIONS}:
        _check_statement(post, act, reason, message)
    with transaction.atomic():
        # In the order in which an edit takes them: the thread first, then the item.
        live.lock_thread(post.thread)
        if act in SANCTIONS:
            _renew(by, item, version)
        else:
            _close(by, item, version)
        change(post)
        return _record(by, item, act, reason or "", message, version, until)


def _decide_application(
    by: Member,
    item: ReviewItem,
    act: Act,
    change: Callable[[Application], None],
    message: str = "",
) -> Decision:
    require(is_moderator(by))
    application = item.application
    if application is None:
        raise PermissionDenied
    with transaction.atomic():
        _close(by, item, None)
        change(application)
        return _record(by, item, act, "", message, None)


def _check_statement(post: Post, act: Act, reason: Reason | None, message: str) -> None:
    """Nobody's text goes offline without a reason, in words that its author reads."""
    if reason is None:
        raise ValidationError(_("Choose which rule this is about."))
    if not message.strip():
        raise ValidationError(_("Tell the writer what you saw."))
    if takes_two(post, act, reason):
        raise ValidationError(TAKES_TWO)
    if act in SANCTIONS and not has_sanction_for(reason):
        raise ValidationError(NO_SANCTION)


def _renew(by: Member, item: ReviewItem, version: int) -> None:
    """Hold the item for another five minutes, for an act that leaves it open."""
    if is_party(by, item) or not ReviewItem.objects.filter(
        pk=item.pk,
        state=ReviewItem.State.CLAIMED,
        claimed_by=by,
        post__version=version,
    ).update(claimed_until=timezone.now() + LEASE):
        raise ValidationError(_not_yours(item, version))


def _close(by: Member, item: ReviewItem, version: int | None) -> None:
    """Close the item for its holder, wipe the copy of the text and the claim.

    A lease that ran out still holds while no colleague took over: then nobody else
    is at work on it.
    """
    if is_party(by, item) or not ReviewItem.objects.filter(
        pk=item.pk, state=ReviewItem.State.CLAIMED, claimed_by=by
    ).update(
        state=ReviewItem.State.CLOSED, source="", claimed_by=None, claimed_until=None
    ):
        raise ValidationError(_not_yours(item, version))


def _record(
    by: Member,
    item: ReviewItem,
    act: Act,
    reason: str,
    message: str,
    version: int | None,
    until: dt.date | None = None,
) -> Decision:
    decision = Decision.objects.create(
        item=item,
        decided_by=by,
        act=act,
        reason=reason,
        message=message,
        until=until,
        post_version=version,
        is_from_flag=item.flags.exists(),
        is_from_software=bool(set(item.findings) - RULES_OF_READING),
    )
    item.refresh_from_db(fields=["state", "source", "claimed_by", "claimed_until"])
    change_queue()
    return decision


def _over(item: ReviewItem) -> str:
    """What whoever comes too late reads; nothing while the item is open."""
    if item.state != ReviewItem.State.CLOSED:
        return ""
    decision = item.decisions.exclude(act__in=SANCTIONS).first()
    if decision is None:
        return _("The writer took this text away just now. Nothing is left to do.")
    return _("A colleague decided on this just now: %(outcome)s.") % {
        "outcome": OUTCOMES[decision.act]
    }


def _not_yours(item: ReviewItem, version: int | None) -> StrOrPromise:
    """Why a decision does not count: it is over, changed, not taken up, or another's."""
    now = ReviewItem.objects.select_related("post").get(pk=item.pk)
    if over := _over(now):
        return over
    if now.post and now.post.version != version:
        return CHANGED
    if now.state == ReviewItem.State.OPEN:
        return _("Take this up first, then decide.")
    return BUSY
