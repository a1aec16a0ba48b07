"""Role predicates."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from accounts.models import Member


def is_moderator(member: Member | AnonymousUser) -> bool:
    """Whether the member may work the queue; in earnest only with a second factor."""
    return (
        isinstance(member, Member)
        and member.is_admitted
        and member.is_moderator
        and (settings.DEMO or has_second_factor(member))
    )


def is_custodian(member: Member | AnonymousUser) -> bool:
    """Whether the member may take part in unsealing; in the demo too only with a
    second factor, since every act asks for it.
    """
    return (
        isinstance(member, Member)
        and member.is_admitted
        and member.is_custodian
        and has_second_factor(member)
    )


def custodian_names() -> list[str]:
    """Who the custodians are, for members."""
    appointed = Member.objects.filter(
        is_custodian=True, is_active=True, admitted_on__isnull=False
    )
    return sorted(appointed.values_list("display_name", flat=True))


def has_second_factor(member: Member) -> bool:
    """Whether signing in asks the member for more than a password."""
    from allauth.mfa.utils import is_mfa_enabled

    return bool(is_mfa_enabled(member))


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless ``allowed``."""
    if not allowed:
        raise PermissionDenied
