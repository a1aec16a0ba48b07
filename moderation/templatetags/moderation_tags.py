"""What moderation tells a member on pages of the app below.

The forum knows nothing of moderation; its templates ask here, as they name our routes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Member
from forum.models import Post
from moderation import telling
from moderation.models import Message, UnsealingRequest

NEWS_DAYS = 30

register = template.Library()


@register.simple_tag
def messages_about(post: Post) -> list[Message]:
    """What was told about ``post``; the page has asked whether it is the reader's own."""
    return list(Message.objects.filter(post=post))


@register.simple_tag
def written_about(posts: Iterable[Post]) -> set[str]:
    """Which of the reader's own ``posts`` a moderator wrote about, in one query."""
    ids = [post.pk for post in posts]
    return set(Message.objects.filter(post__in=ids).values_list("post", flat=True))


@register.simple_tag
def messages_by_name(member: Member) -> list[Message]:
    """What was told lately about texts by name; nothing about anonymous ones, ever."""
    since = timezone.now() - dt.timedelta(NEWS_DAYS)
    return list(Message.objects.filter(post__author=member, written_at__gte=since))


@register.simple_tag
def unsealing_notices(member: Member | AnonymousUser) -> list[UnsealingRequest]:
    """Unsealings that the member was not told of yet; see `telling.untold`."""
    return telling.untold(member) if isinstance(member, Member) else []
