"""What moderation tells a member on pages of the app below."""

from __future__ import annotations

from django import template
from django.contrib.auth.models import AnonymousUser

from accounts.models import Member
from moderation import telling
from moderation.models import UnsealingRequest

register = template.Library()


@register.simple_tag
def unsealing_notices(member: Member | AnonymousUser) -> list[UnsealingRequest]:
    """Unsealings that the member was not told of yet; see `telling.untold`."""
    return telling.untold(member) if isinstance(member, Member) else []
