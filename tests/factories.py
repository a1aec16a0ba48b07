"""Plain functions that make what a test needs, through the doors that members use."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts.joining import make_member as join
from accounts.models import Member
from forum import live, posting, rendering
from forum.models import Ask, Category, Ending, Post, PostState, ReplyKind, Thread

PASSWORD = "een kamer voor twijfel"  # noqa: S105 - only tests sign in with it
SITUATION = (
    "Een leerkracht zei in de vergadering dat het zo niet langer gaat. Daarna bleef het "
    "stil. Ik weet niet wat die stilte betekent, en ik weet ook niet wie ik er nu over "
    "kan spreken. Wat zien jullie hierin dat ik niet zie?"
)


def make_member(
    email: str = "",
    display_name: str = "Marit",
    *,
    admitted_days_ago: int | None = 100,
    **fields: Any,
) -> Member:
    """A member with a secret; ``admitted_days_ago=None`` makes an applicant."""
    email = email or f"{secrets.token_hex(6)}@voorbeeld.nl"
    member = Member(email=email, display_name=display_name, **fields)
    if admitted_days_ago is not None:
        member.admitted_on = timezone.localdate() - dt.timedelta(admitted_days_ago)
    member.set_password(PASSWORD)
    join(member)
    EmailAddress.objects.create(user=member, email=email, verified=True, primary=True)
    return member


def make_thread(
    by: Member,
    *,
    under_alias: bool = False,
    title: str = "Volg ik het besluit, of het gevoel van mijn team?",
    category: str = Category.TEAM,
    ask: str = Ask.ADVICE,
    source: str = SITUATION,
    details: dict[str, str] | None = None,
    release_at: dt.datetime | None = None,
) -> Thread:
    """A thread that stands in the room, or will at ``release_at``."""
    sent = posting.start_thread(
        by=by,
        title=title,
        category=category,
        ask=ask,
        source=source,
        details=details,
        under_alias=under_alias,
        form_key=secrets.token_hex(16),
        release_at=release_at,
    )
    return Thread.objects.get(pk=sent.post.thread_id)


def make_outcome(
    by: Member,
    thread: Thread,
    *,
    ending: str = Ending.SETTLED,
    source: str = "Ik heb het in het team gezegd, en toen kwam het los.",
    release_at: dt.datetime | None = None,
    **details: str,
) -> Post:
    """How the dilemma of ``by`` in ``thread`` turned out."""
    return posting.add_outcome(
        by=by,
        dilemma=thread.posts.get(kind=ReplyKind.DILEMMA),
        source=source,
        details={"ending": ending, **details},
        form_key=secrets.token_hex(16),
        release_at=release_at,
    ).post


def make_reply(
    by: Member,
    thread: Thread,
    *,
    under_alias: bool = False,
    kind: str = ReplyKind.QUESTION,
    source: str = "Wat maakt dat dit je zo raakt?",
    answers: Post | None = None,
    release_at: dt.datetime | None = None,
) -> Post:
    """A reply in ``thread``, or one that waits for ``release_at``."""
    return posting.add_reply(
        by=by,
        thread=thread,
        kind=kind,
        source=source,
        answers=answers,
        under_alias=under_alias,
        form_key=secrets.token_hex(16),
        release_at=release_at,
    ).post


def make_replies(by: Member, thread: Thread, count: int) -> list[Post]:
    """So many replies, one change each, past the limits on how much one may write."""
    posts = []
    for number in range(count):
        source = f"Dit is antwoord nummer {number}."
        with transaction.atomic():
            thread = live.lock_thread(thread)
            post = Post.objects.create(
                thread=thread,
                author=by,
                kind=ReplyKind.SUPPORT,
                source=source,
                html=rendering.render(source),
                rendering_version=rendering.RENDERING_VERSION,
                lang="nl",
                state=PostState.PUBLISHED,
            )
            live.change(thread, posts=[post], may_rise=True)
        posts.append(post)
    return posts
