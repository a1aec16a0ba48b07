"""Finding the writer behind an alias: two custodians, a ground, a reason, a wait.

The one place that goes from an alias to a member, by trying every member's secret. What
it finds stands in two answers and nowhere else. Every act and every attempt that failed
is a link of the record.
"""

from __future__ import annotations

import datetime as dt
import hmac
from dataclasses import dataclass
from typing import Any, NoReturn

from cryptography.exceptions import InvalidTag
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keyring, readiness, second_factor
from accounts.models import Member, MemberSecret
from accounts.permissions import is_custodian, require
from accounts.tags import Domain, tag_under
from forum.models import Post
from forum.models.posts import this_hour
from moderation import record
from moderation.models import Ground, UnsealingLink, UnsealingRequest

Kind = UnsealingLink.Kind
State = UnsealingRequest.State

SHORTEST_REASON = 100
LONGEST_REASON = 3000
FRESH = dt.timedelta(minutes=5)
WAIT = dt.timedelta(hours=72)
LASTS = dt.timedelta(days=7)
BATCH = 500


class Problem(models.TextChoices):
    """Why an attempt did nothing."""

    POST = "post", _("This is no anonymous text of the room.")
    TWICE = "twice", _("There is an open request for this text already.")
    GROUND = "ground", _("Choose one of the two grounds.")
    REASON = "reason", _("Write down why, in 100 to 3000 characters.")
    BAN = (
        "ban",
        _("Only an order can forbid telling the writer, and until a day to come."),
    )
    WORDS = "words", _("Write down why you refuse.")
    FACTOR = "factor", _("That code is not right. Wait for the next one.")
    SAME = "same", _("Another custodian has to do this.")
    OUTSIDER = "outsider", _("Only the two custodians of this request can do this.")
    COLLEAGUE = (
        "colleague",
        _(
            "Your colleague did not confirm in the last five minutes. "
            "Ask them to do it now, then try again."
        ),
    )
    EARLY = "early", _("The 72 hours are not over yet.")
    EXPIRED = "expired", _("This request has expired.")
    STATE = "state", _("This cannot be done now.")
    KEYS = "keys", _("Not every key could be opened. Ask an operator.")


@dataclass(frozen=True)
class Found:
    """Who wrote it; None when no member has this alias any more."""

    member: Member | None


def ask(
    *,
    by: Member,
    post: Post | None,
    ground: str,
    reason: str,
    code: str,
    ban_until: dt.date | None = None,
) -> UnsealingRequest:
    """Ask for the writer of ``post``; it waits seven days for a second custodian.

    ``ground`` is one of the closed list, ``reason`` has at least 100 characters,
    ``code`` is a second factor, ``ban_until`` the day until which an order forbids
    telling the writer. Raises ValidationError; the attempt is in the record all the
    same.
    """
    require(is_custodian(by))
    reason = reason.strip()
    told: dict[str, Any] = {
        "ground": ground if ground in Ground.values else "",
        "reason": reason[:LONGEST_REASON],
        "ban_until": ban_until,
        "post_id": post.pk if post else "",
    }
    if post is None or not post.is_anonymous:
        _fail(Kind.FAILED_ASK, Problem.POST, by=by, **told)
    if ground not in Ground.values:
        _fail(Kind.FAILED_ASK, Problem.GROUND, by=by, **told)
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        _fail(Kind.FAILED_ASK, Problem.REASON, by=by, **told)
    if ban_until and (ground != Ground.ORDER or ban_until <= timezone.localdate()):
        _fail(Kind.FAILED_ASK, Problem.BAN, by=by, **told)
    if not second_factor.is_right(by, code):
        _fail(Kind.FAILED_ASK, Problem.FACTOR, by=by, **told)
    with transaction.atomic():
        # The text's row: of two who ask at once the second finds the first's request.
        Post.objects.select_for_update().get(pk=post.pk)
        is_first = not UnsealingRequest.objects.filter(
            post=post, state__in=[State.ASKED, State.APPROVED]
        ).exists()
        if is_first:
            request = UnsealingRequest(
                post=post,
                asked_by=by,
                ground=ground,
                reason=reason,
                ban_until=ban_until,
                expires_at=this_hour() + LASTS,
            )
            request.stamps = {by.pk: _stamp(by, request)}
            request.save(force_insert=True)
            record.append(Kind.ASKED, by=by, request=request)
    if not is_first:
        _fail(Kind.FAILED_ASK, Problem.TWICE, by=by, **told)
    return request


def confirm(*, by: Member, request: UnsealingRequest, code: str) -> None:
    """Prove with a second factor that ``by`` is there, for the colleague's next act.

    Holds for five minutes and for one act. Raises ValidationError.
    """
    require(is_custodian(by))
    _look(request, by, Kind.FAILED_CONFIRM, {State.ASKED, State.APPROVED})
    if by.pk not in _pair(request):
        _fail(Kind.FAILED_CONFIRM, Problem.OUTSIDER, by=by, request=request)
    _check_code(request, by, code, Kind.FAILED_CONFIRM)
    with transaction.atomic():
        now = UnsealingRequest.objects.select_for_update().get(pk=request.pk)
        stamps = {**now.stamps, by.pk: _stamp(by, now)}
        UnsealingRequest.objects.filter(pk=request.pk).update(stamps=stamps)
        record.append(Kind.CONFIRMED, by=by, request=request)
    request.refresh_from_db()


def approve(*, by: Member, request: UnsealingRequest, code: str) -> None:
    """asked → approved, by another person than who asked, both confirmed just now.

    Opens after 72 hours, at once where there is danger, and lasts seven days from
    then. Raises ValidationError.
    """
    require(is_custodian(by))
    _look(request, by, Kind.FAILED_APPROVE, {State.ASKED})
    if request.asked_by_id == by.pk:
        _fail(Kind.FAILED_APPROVE, Problem.SAME, by=by, request=request)
    colleague = _colleague(request, by, Kind.FAILED_APPROVE)
    _check_code(request, by, code, Kind.FAILED_APPROVE)
    opens_at = this_hour()
    if request.ground != Ground.DANGER:
        # A row keeps the hour only; the next one, so that the wait is never shorter.
        opens_at += dt.timedelta(hours=1) + WAIT
    with transaction.atomic():
        won = UnsealingRequest.objects.filter(
            pk=request.pk, state=State.ASKED, asked_by=colleague
        ).update(
            state=State.APPROVED,
            approved_by=by,
            opens_at=opens_at,
            expires_at=opens_at + LASTS,
            stamps={},
        )
        if won:
            record.append(Kind.APPROVED, by=by, other=colleague, request=request)
    if not won:
        _fail(Kind.FAILED_APPROVE, Problem.STATE, by=by, request=request)
    request.refresh_from_db()


def refuse(*, by: Member, request: UnsealingRequest, reason: str) -> None:
    """asked or approved → refused, by any custodian, with words; nothing is looked up."""
    require(is_custodian(by))
    _look(request, by, Kind.FAILED_REFUSE, {State.ASKED, State.APPROVED})
    words = reason.strip()[:LONGEST_REASON]
    if not words:
        _fail(Kind.FAILED_REFUSE, Problem.WORDS, by=by, request=request)
    with transaction.atomic():
        won = UnsealingRequest.objects.filter(
            pk=request.pk, state__in=[State.ASKED, State.APPROVED]
        ).update(state=State.REFUSED, stamps={})
        if won:
            record.append(Kind.REFUSED, by=by, request=request, reason=words)
    if not won:
        _fail(Kind.FAILED_REFUSE, Problem.STATE, by=by, request=request)
    request.refresh_from_db()


def open_sealed(*, by: Member, request: UnsealingRequest, code: str) -> Found:
    """approved → opened, by one of the two while the other confirmed just now.

    Returns the writer, once; the colleague gets five minutes for `show`. The member is
    told at the next visit, unless an order forbids it until a day. Raises
    ValidationError.
    """
    require(is_custodian(by))
    _look(request, by, Kind.FAILED_OPEN, {State.APPROVED})
    if by.pk not in _pair(request):
        _fail(Kind.FAILED_OPEN, Problem.OUTSIDER, by=by, request=request)
    if request.opens_at is None or timezone.now() < request.opens_at:
        _fail(Kind.FAILED_OPEN, Problem.EARLY, by=by, request=request)
    colleague = _colleague(request, by, Kind.FAILED_OPEN)
    found = _find(request, by, code, Kind.FAILED_OPEN)
    with transaction.atomic():
        won = UnsealingRequest.objects.filter(
            pk=request.pk, state=State.APPROVED
        ).update(
            state=State.OPENED,
            opened_at=this_hour(),
            found=found.member is not None,
            stamps={colleague.pk: _stamp(colleague, request, State.OPENED)},
        )
        if won:
            record.append(
                Kind.OPENED,
                by=by,
                other=colleague,
                request=request,
                found=found.member is not None,
            )
    if not won:
        _fail(Kind.FAILED_OPEN, Problem.STATE, by=by, request=request)
    request.refresh_from_db()
    return found


def show(*, by: Member, request: UnsealingRequest, code: str) -> Found:
    """The writer for the second custodian, once and within five minutes of the opening.

    It is looked up again: so the result need not be kept anywhere between the two.
    Raises ValidationError.
    """
    require(is_custodian(by))
    _look(request, by, Kind.FAILED_SHOW, {State.OPENED})
    if not _is_fresh(by, request):
        _fail(Kind.FAILED_SHOW, Problem.STATE, by=by, request=request)
    found = _find(request, by, code, Kind.FAILED_SHOW)
    with transaction.atomic():
        now = UnsealingRequest.objects.select_for_update().get(pk=request.pk)
        is_first = bool(now.stamps)
        if is_first:
            UnsealingRequest.objects.filter(pk=request.pk).update(stamps={})
            is_found = found.member is not None
            record.append(Kind.SHOWN, by=by, request=request, found=is_found)
    if not is_first:
        _fail(Kind.FAILED_SHOW, Problem.STATE, by=by, request=request)
    request.refresh_from_db()
    return found


def expire() -> int:
    """Close what waited too long, and erase proofs that ended; returns how many closed.

    Safe to run twice.
    """
    waiting = UnsealingRequest.objects.filter(
        state__in=[State.ASKED, State.APPROVED], expires_at__lte=timezone.now()
    )
    closed = sum(_expire(request) for request in waiting)
    for request in UnsealingRequest.objects.exclude(stamps={}):
        fresh = {pk: s for pk, s in request.stamps.items() if _read(s) is not None}
        if fresh != request.stamps:
            UnsealingRequest.objects.filter(
                pk=request.pk, stamps=request.stamps
            ).update(stamps=fresh)
    return closed


def may_see(member: Member, request: UnsealingRequest) -> bool:
    """Whether the result still waits for this member, the second of the two."""
    return request.state == State.OPENED and _is_fresh(member, request)


def has_confirmed(member: Member | None, request: UnsealingRequest) -> bool:
    """Whether the member proved in the last five minutes to be there."""
    return member is not None and _is_fresh(member, request)


def _look(
    request: UnsealingRequest, by: Member, kind: UnsealingLink.Kind, states: set[State]
) -> None:
    """Read the request as it is now; refuse when it is in no state of ``states``."""
    request.refresh_from_db()
    is_waiting = request.state in {State.ASKED, State.APPROVED}
    if is_waiting and request.expires_at <= timezone.now():
        _expire(request)
        _fail(kind, Problem.EXPIRED, by=by, request=request)
    if request.state not in states:
        problem = Problem.EXPIRED if request.state == State.EXPIRED else Problem.STATE
        _fail(kind, problem, by=by, request=request)


def _expire(request: UnsealingRequest) -> bool:
    with transaction.atomic():
        won = UnsealingRequest.objects.filter(
            pk=request.pk, state=request.state
        ).update(state=State.EXPIRED, stamps={})
        if won:
            record.append(Kind.EXPIRED, request=request)
    return bool(won)


def _pair(request: UnsealingRequest) -> set[str | None]:
    return {request.asked_by_id, request.approved_by_id}


def _colleague(
    request: UnsealingRequest, by: Member, kind: UnsealingLink.Kind
) -> Member:
    """The other of the two, still a custodian, who confirmed just now."""
    is_asker = request.asked_by_id == by.pk
    other = request.approved_by if is_asker else request.asked_by
    if other is None or not is_custodian(other) or not _is_fresh(other, request):
        _fail(kind, Problem.COLLEAGUE, by=by, request=request)
    return other


def _check_code(
    request: UnsealingRequest, by: Member, code: str, kind: UnsealingLink.Kind
) -> None:
    if not second_factor.is_right(by, code):
        _fail(kind, Problem.FACTOR, by=by, request=request)


def _stamp(
    member: Member, request: UnsealingRequest, state: State | None = None
) -> str:
    """A signed proof for one member, request and state, so that it fits one act."""
    signer = signing.TimestampSigner(salt="unsealing")
    return signer.sign_object([request.pk, member.pk, state or request.state])


def _read(stamp: str) -> list[str] | None:
    signer = signing.TimestampSigner(salt="unsealing")
    try:
        content: list[str] = signer.unsign_object(stamp, max_age=FRESH)
    except signing.BadSignature:
        return None
    return content


def _is_fresh(member: Member, request: UnsealingRequest) -> bool:
    expected = [request.pk, member.pk, request.state]
    return _read(request.stamps.get(member.pk, "")) == expected


def _find(
    request: UnsealingRequest, by: Member, code: str, kind: UnsealingLink.Kind
) -> Found:
    """Compare the alias's tag with that of every member; nothing is written.

    All are tried, so that the time it takes tells nothing. A secret that no key opens
    could be the one: then there is no result.
    """
    if not readiness.is_ready():
        _fail(kind, Problem.KEYS, by=by, request=request)
    _check_code(request, by, code, kind)
    post = Post.objects.select_related("alias", "thread").get(pk=request.post_id)
    wanted, scope = post.alias.tag if post.alias else "", post.thread.scope
    found, unopened = None, 0
    for row in MemberSecret.objects.select_related("member").iterator(BATCH):
        try:
            secret = keyring.open_wrapped(bytes(row.wrapped), row.pk)
        except InvalidTag:
            unopened += 1
            continue
        tag = tag_under(secret, Domain.AUTHOR, scope)
        if hmac.compare_digest(tag, wanted):
            found = row.member
    if found is None and unopened:
        _fail(kind, Problem.KEYS, by=by, request=request)
    return Found(found)


def _fail(kind: UnsealingLink.Kind, problem: Problem, **facts: Any) -> NoReturn:
    """Write the attempt down, for good, and refuse it.

    Durable: inside another transaction the refusal would take the link with it.
    """
    with transaction.atomic(durable=True):
        record.append(kind, problem=problem, **facts)
    raise ValidationError(problem.label, code=problem)
