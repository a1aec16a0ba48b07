"""What stands ready for one member: worked out from the shelf and public changes.

Writes nothing, and posting writes nothing for it either.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from accounts.models import Member
from accounts.shelf import read_shelf
from forum.models import AskedOutcome, Post, PostState, ReplyKind, Thread
from forum.reading import read_numbers

NEEDS_AUTHOR = (PostState.RETURNED, PostState.HIDDEN, PostState.REMOVED)
ASKED = Q(
    kind=ReplyKind.DILEMMA,
    state=PostState.PUBLISHED,
    thread__asked_outcome=AskedOutcome.ASKED,
)
MOST = 50
THEME_DAYS = 14


@dataclass(frozen=True)
class News:
    """What a member should know now; nothing about anonymous texts."""

    threads: list[Thread]
    posts: list[Post]
    # Own dilemmas of which the room would like to hear how they turned out.
    asked: list[Post]


def news_for(member: Member) -> News:
    """Followed threads with something unread, own named texts that came back, and own
    named dilemmas whose outcome was asked for.

    Of a followed theme, what rose in the list within the last two weeks.
    """
    shelf = read_shelf(member)
    lately = timezone.localdate() - dt.timedelta(THEME_DAYS)
    followed = list(
        Thread.objects.visible_to(member)
        .listed()
        .filter(
            Q(pk__in=shelf.followed)
            | Q(category__in=shelf.followed_themes, risen_on__gte=lately)
        )
        .exclude(pk__in=shelf.muted)
        .order_by("-room_number")[:MOST]
    )
    marks = read_numbers(member, followed)
    posts = (
        Post.objects.by_name_of(member)
        .filter(Q(state__in=NEEDS_AUTHOR) | ASKED)
        .select_related("thread")
        .order_by("-written_at")[:MOST]
    )
    return News(
        [t for t in followed if marks.get(t.pk, 0) < t.news_number],
        posts=[post for post in posts if post.state in NEEDS_AUTHOR],
        asked=[post for post in posts if post.state == PostState.PUBLISHED],
    )
