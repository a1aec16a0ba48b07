"""A code from an authenticator or a recovery code, asked for one act at a time."""

from __future__ import annotations

from django.core.cache import cache

from accounts.models import Member

MOST_TRIES = 5
WINDOW_SECONDS = 300


def is_right(member: Member, code: str) -> bool:
    """Whether ``code`` is the member's now; a code that was right is spent.

    django-allauth judges it: RFC 6238 for an authenticator, or a recovery code that
    was not used yet. After five wrong codes in five minutes every code is wrong, so
    that six digits cannot be guessed; that counter lives in memory or Redis.
    """
    from allauth.mfa.models import Authenticator

    key = f"code:{member.pk}"
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        tries = cache.incr(key)
    except ValueError:  # The counter ended between the two calls.
        tries = 1
    if tries > MOST_TRIES or not code.strip():
        return False
    factors = Authenticator.objects.filter(user=member).exclude(
        type=Authenticator.Type.WEBAUTHN
    )
    if any(factor.wrap().validate_code(code.strip()) for factor in factors):
        cache.delete(key)
        return True
    return False
