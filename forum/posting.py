"""Start a thread, reply, edit, withdraw: every writing of a member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.limits import count_text, require_may_write
from accounts.models import Member
from accounts.permissions import require
from accounts.row_numbers import forget_arrival
from accounts.tags import Domain, own_tag
from forum import live, rendering
from forum.aliases import alias_for, is_own
from forum.models import (
    AskedOutcome,
    IdentityLock,
    Once,
    Post,
    PostRevision,
    PostState,
    ReplyKind,
    Thread,
)
from forum.models.details import HEADINGS
from forum.models.posts import EDITABLE, hour_of, this_hour, whole_source
from forum.permissions import (
    allowed_kinds,
    may_ask,
    may_change,
    may_reply,
    may_write,
    takes_outcome,
)
from forum.signals import post_held
from forum.text_checks.findings import Finding, check, needs_moderator
from forum.text_checks.normalising import (
    language_of,
    normalise_anonymous,
    normalise_plain,
)
from forum.withdrawing import take_away

NEWCOMER = "newcomer"
READ_FIRST = "read_first"
TITLE_LENGTH = 120


@dataclass(frozen=True)
class Sent:
    """What became of a text: the post, and whether the form had been sent before."""

    post: Post
    is_resend: bool = False

    @property
    def waits(self) -> bool:
        """Whether a moderator reads it first."""
        return self.post.state == PostState.HELD

    @property
    def comes_later(self) -> bool:
        """Whether it waits for a random moment."""
        return self.post.is_delayed


def start_thread(
    *,
    by: Member,
    title: str,
    category: str,
    ask: str,
    source: str,
    details: dict[str, str] | None = None,
    under_alias: bool,
    form_key: str,
    release_at: dt.datetime | None = None,
) -> Sent:
    """Start a thread with its dilemma; ``details`` is what it tells beside it.

    With ``release_at``, a tick of `delaying.draw_tick`, it appears then, and until
    then nobody but its author knows of it. A form key that was used gives the post it
    became. Raises PermissionDenied, TooFast, KeyRingMissing, or ValidationError while
    the member's writing is paused; nothing is written then.
    """

    def write() -> Post:
        thread = Thread.objects.create(
            title=_normalised_title(title, under_alias),
            category=category,
            ask=ask,
            risen_on=timezone.localdate(release_at),
        )
        if release_at:
            forget_arrival(thread)
        return _write(
            by,
            thread,
            kind=ReplyKind.DILEMMA,
            source=source,
            details=details,
            under_alias=under_alias,
            form_key=form_key,
            release_at=release_at,
        )

    return _send_once(by, form_key, write)


def add_reply(
    *,
    by: Member,
    thread: Thread,
    kind: str,
    source: str,
    answers: Post | None = None,
    under_alias: bool,
    form_key: str,
    release_at: dt.datetime | None = None,
) -> Sent:
    """Add a reply to ``thread``, or an answer to one of its replies.

    A reply of the dilemma's author becomes an answer, whatever kind was chosen. With
    ``release_at`` it appears at that tick, as in `start_thread`. Raises ValidationError
    when the thread is closed, when the kind is not asked for, or when the member wrote
    there in the other way; what `start_thread` raises too.
    """

    def write() -> Post:
        locked = live.lock_thread(thread)
        return _write(
            by,
            locked,
            kind=_fitting_kind(by, locked, kind),
            source=source,
            answers=answers,
            under_alias=under_alias,
            form_key=form_key,
            release_at=release_at,
        )

    return _send_once(by, form_key, write)


def add_outcome(
    *,
    by: Member,
    dilemma: Post,
    source: str,
    details: dict[str, str],
    form_key: str,
    release_at: dt.datetime | None = None,
) -> Sent:
    """Tell how ``dilemma`` turned out, by name or under its alias as it was shared.

    ``details`` says where it stands; ``source`` may be empty. It stands at the end of
    the thread, and nobody is asked for it any more. Raises ValidationError when it was
    told before or the thread is closed, and what `start_thread` raises.
    """
    require(may_ask(by, dilemma))

    def write() -> Post:
        thread = live.lock_thread(dilemma.thread)
        dilemma.refresh_from_db(fields=["state"])
        dilemma.thread = thread
        require(may_ask(by, dilemma))
        if not takes_outcome(thread):
            raise _closed()
        if own_outcome(dilemma) is not None:
            raise ValidationError(
                _("You told how it turned out already. You can change that text.")
            )
        thread.asked_outcome = AskedOutcome.OVER
        thread.save(update_fields=["asked_outcome"])
        return _write(
            by,
            thread,
            kind=ReplyKind.OUTCOME,
            source=source,
            details=details,
            under_alias=dilemma.is_anonymous,
            form_key=form_key,
            release_at=release_at,
        )

    return _send_once(by, form_key, write)


def own_outcome(dilemma: Post) -> Post | None:
    """What its author told of how ``dilemma`` turned out, in a state to be changed."""
    told = dilemma.thread.posts.filter(kind=ReplyKind.OUTCOME, state__in=EDITABLE)
    return told.select_related("thread", "author", "alias", "answers").first()


def _send_once(by: Member, form_key: str, write: Callable[[], Post]) -> Sent:
    """What ``write`` makes in one transaction, or what this form made before."""
    require(may_write(by))
    sent_before = _sent_before(by, form_key)
    if sent_before:
        return sent_before
    require_may_write(by)
    count_text(by)
    try:
        with transaction.atomic():
            return Sent(write())
    except IntegrityError:
        # The other of two simultaneous sends won; anything else is a fault of ours.
        sent_before = _sent_before(by, form_key)
        if sent_before is None:
            raise
        return sent_before


def edit_post(
    *,
    by: Member,
    post: Post,
    version: int,
    source: str,
    title: str | None = None,
    category: str | None = None,
    kind: str | None = None,
    forgets: bool = False,
    details: dict[str, str] | None = None,
) -> Post:
    """Change a text of one's own; ``version`` is the one that was being edited.

    What stands in the room until then can be read as an earlier version, unless the
    author ``forgets``: then no earlier version is left. Nor is one left of a text that
    a moderator took offline.
    A text that was returned or hidden is offered again and waits for a moderator, and
    so does one in which a check finds something. One that waits for its tick keeps
    waiting for it; one that came back from its tick is sent as if it were new, where
    it may be: a reply as ``kind``. Raises ValidationError when it was changed elsewhere
    meanwhile or while the member's writing is paused, and then what `add_reply` raises.
    """
    require(may_change(by, post))
    require_may_write(by)
    count_text(by)
    with transaction.atomic():
        thread = live.lock_thread(post.thread)
        source = _normalised(source, post.is_anonymous, is_needed=not post.is_outcome)
        if forgets or post.state in {PostState.RETURNED, PostState.HIDDEN}:
            PostRevision.objects.filter(post=post).delete()
        else:
            PostRevision.objects.keep_shown(post, version)
        details = _kept_details(post, details)
        if post.is_dilemma and title is not None and category is not None:
            thread.title = _normalised_title(title, post.is_anonymous)
            thread.category = category
            thread.save(update_fields=["title", "category"])
        kind = _kind_after_edit(by, thread, post, kind)
        text = whole_source(source, details)
        codes = [] if post.is_delayed else reading_codes(thread, post, text)
        state = _state_after_edit(post, codes)
        changed = Post.objects.filter(
            pk=post.pk, version=version, state=post.state
        ).update(
            kind=kind,
            written_at=this_hour() if post.hindrance else F("written_at"),
            source=source,
            details=details,
            html=rendering.render(source),
            rendering_version=rendering.RENDERING_VERSION,
            lang=language_of(source or text),
            state=state,
            reason="",
            message="",
            version=version + 1,
        )
        if not changed:
            raise ValidationError(
                _(
                    "This text was changed somewhere else just now. "
                    "Copy what you wrote and open it again."
                )
            )
        post.refresh_from_db()
        if post.was_public or post.is_online:
            live.change(thread, posts=[post], may_rise=not post.was_public)
        if state == PostState.HELD:
            post_held.send(sender=None, post=post, findings=codes)
    return post


def preview_post(
    *, source: str, details: dict[str, str], under_alias: bool
) -> Post | None:
    """The text as it would stand, kept nowhere; None while it has no words."""
    normalise = normalise_anonymous if under_alias else normalise_plain
    post = Post(
        source=normalise(source), details=_normalised_details(details, under_alias)
    )
    if not _has_words(post.whole_source):
        return None
    post.html = rendering.render(post.source)
    post.lang = language_of(post.source)
    return post


def withdraw_post(*, by: Member, post: Post) -> None:
    """Take a text of one's own away: the words go at once, replies of others stay.

    A pause does not keep anybody from that. A second call changes nothing.
    """
    if post.state == PostState.WITHDRAWN and is_own(by, post):
        return
    require(may_change(by, post))
    with transaction.atomic():
        thread = live.lock_thread(post.thread)
        post = Post.objects.select_related("author", "alias", "answers").get(pk=post.pk)
        require(may_change(by, post))
        take_away(thread, [post])


def drop_used_form_keys() -> int:
    """Delete the marks of forms that have ended by themselves; returns how many.

    A form key ends after 24 hours. The mark bears no time; its post's hour tells.
    """
    ended = timezone.now() - dt.timedelta(days=2)
    young = Post.objects.filter(written_at__gte=ended).values("pk")
    return Once.objects.exclude(post_id__in=young).delete()[0]


def _write(
    by: Member,
    thread: Thread,
    *,
    kind: str,
    source: str,
    under_alias: bool,
    form_key: str,
    release_at: dt.datetime | None = None,
    answers: Post | None = None,
    details: dict[str, str] | None = None,
) -> Post:
    _keep_identity(by, thread, under_alias)
    alias = alias_for(by, thread) if under_alias else None
    is_needed = kind != ReplyKind.OUTCOME
    source = _normalised(source, under_alias, is_needed=is_needed)
    details = _normalised_details(details or {}, under_alias)
    post = Post(
        thread=thread,
        author=None if alias else by,
        alias=alias,
        kind=kind,
        answers=_first_level(thread, answers),
        source=source,
        details=details,
        html=rendering.render(source),
        rendering_version=rendering.RENDERING_VERSION,
        lang=language_of(source or whole_source(source, details)),
        state=PostState.DELAYED if release_at else PostState.PUBLISHED,
        release_at=release_at,
        written_at=hour_of(release_at) if release_at else this_hour(),
    )
    # What waits for its tick is read then: until then no moderator knows of it.
    codes = [] if post.is_delayed else reading_codes(thread, post, post.whole_source)
    if codes:
        post.state = PostState.HELD
    post.save(force_insert=True)
    Once.objects.create(tag=own_tag(by, Domain.ONCE, form_key), post_id=post.pk)
    if post.is_delayed:
        forget_arrival(post)
    elif post.is_online:
        live.change(thread, posts=[post], may_rise=True)
    else:
        post_held.send(sender=None, post=post, findings=codes)
    return post


def _keep_identity(by: Member, thread: Thread, under_alias: bool) -> None:
    """By name or under an alias in a thread, for good; the row decides races."""
    mode = IdentityLock.Mode.ANONYMOUS if under_alias else IdentityLock.Mode.NAMED
    tag = own_tag(by, Domain.LOCK, thread.scope)
    IdentityLock.objects.bulk_create(
        [IdentityLock(tag=tag, mode=mode)], ignore_conflicts=True
    )
    if IdentityLock.objects.get(tag=tag).mode != mode:
        raise ValidationError(
            _(
                "You wrote in this conversation in the other way before. By name or "
                "anonymously: in one conversation it stays as it was. That protects you."
            ),
            code="identity_lock",
        )


def _first_level(thread: Thread, answers: Post | None) -> Post | None:
    """One level of answering: an answer to an answer goes to the reply above it."""
    if answers is None or answers.is_dilemma or answers.thread_id != thread.pk:
        return None
    return answers.answers or answers


def _is_starter(by: Member, thread: Thread) -> bool:
    dilemma = thread.posts.select_related("alias", "thread").get(kind=ReplyKind.DILEMMA)
    return is_own(by, dilemma)


def _normalised(text: str, under_alias: bool, *, is_needed: bool = True) -> str:
    """The text as it is kept; raises ValidationError when no word is left of one that
    is needed.
    """
    kept = normalise_anonymous(text) if under_alias else normalise_plain(text)
    if is_needed and not _has_words(kept):
        raise ValidationError(_("There are no words in this text."))
    return kept


def _normalised_details(details: dict[str, str], under_alias: bool) -> dict[str, str]:
    """What has words in it, brought to the form of the text itself."""
    normalise = normalise_anonymous if under_alias else normalise_plain
    told = {name: normalise(details.get(name, "")) for name in HEADINGS}
    return {name: text for name, text in told.items() if _has_words(text)}


def _kept_details(post: Post, details: dict[str, str] | None) -> dict[str, str]:
    """What ``post`` tells after an edit; a form without these fields changes nothing."""
    if details is None:
        return dict(post.details)
    return _normalised_details(details, post.is_anonymous)


def _has_words(text: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in text)


def _normalised_title(title: str, under_alias: bool) -> str:
    """The title on one line. Normalising can make it longer, so it is cut at 120."""
    return " ".join(_normalised(title, under_alias).split())[:TITLE_LENGTH].rstrip()


def _fitting_kind(by: Member, thread: Thread, kind: str) -> str:
    """The kind of a reply that has a place in ``thread``; what has none is refused."""
    if not may_reply(by, thread):
        raise _closed()
    # Asked of everybody before anything looks at who this is: a refusal must not tell
    # who started the thread. An answer was one before, and is looked at below.
    is_answer = kind == ReplyKind.ANSWER
    is_fitting = is_answer or kind in allowed_kinds(thread.ask)
    if is_fitting and _is_starter(by, thread):
        return ReplyKind.ANSWER
    if is_answer or not is_fitting:
        raise ValidationError(
            _("The writer does not ask for this now. Choose another kind.")
        )
    return kind


def _closed() -> ValidationError:
    return ValidationError(
        _("This conversation is closed. Your text is still in this form.")
    )


def _kind_after_edit(by: Member, thread: Thread, post: Post, kind: str | None) -> str:
    """The kind that ``post`` has now: chosen anew for a reply that did not appear."""
    if not post.hindrance or post.is_dilemma:
        return post.kind
    if not post.is_outcome:
        return _fitting_kind(by, thread, kind or post.kind)
    if not takes_outcome(thread):
        raise _closed()
    return post.kind


def _state_after_edit(post: Post, codes: list[str]) -> PostState:
    if post.is_delayed:
        return PostState.DELAYED
    goes_online = post.is_online or post.hindrance
    return PostState.PUBLISHED if goes_online and not codes else PostState.HELD


def reading_codes(thread: Thread, post: Post, source: str) -> list[str]:
    """Why a moderator reads this first: codes, or nothing.

    ``source`` is everything that ``post`` tells, as `whole_source` gives it.
    An anonymous text is never held because of who wrote it.
    """
    text = f"{thread.title}\n{source}" if post.is_dilemma else source
    findings: list[Finding] = check(
        text,
        is_reply=not post.is_dilemma,
        links_allowed=post.kind == ReplyKind.POINTER,
    )
    codes = sorted({found.code for found in findings if needs_moderator([found])})
    if post.is_anonymous:
        if settings.PREMODERATE == "anonymous":
            codes.append(READ_FIRST)
    elif post.author is not None and post.author.is_newcomer:
        codes.append(NEWCOMER)
    return codes


def _sent_before(by: Member, form_key: str) -> Sent | None:
    tag = own_tag(by, Domain.ONCE, form_key)
    once = Once.objects.filter(tag=tag).first()
    if once is None:
        return None
    post = Post.objects.select_related("thread", "author", "alias").get(pk=once.post_id)
    return Sent(post, is_resend=True)
