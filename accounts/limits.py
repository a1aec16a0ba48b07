"""May this member write now: pauses, and counters that live in memory or Redis."""

from __future__ import annotations

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import sanctions
from accounts.models import Member
from accounts.tags import Domain, own_tag

MOST_TEXTS = 20
MOST_REACTIONS = 60
WINDOW_SECONDS = 600


class TooFast(ValidationError):
    """Somebody sent a lot in a short time."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Easy does it. You sent a lot in a short time. "
                "Try again in ten minutes; your text is still here."
            ),
            code="too_fast",
        )


def require_may_write(member: Member) -> None:
    """Refuse a member whose writing is paused, by name or for an alias alike.

    Asked by every verb that writes, and by no page: a composer that knew of a pause
    would show whose alias it is. Raises ValidationError, or KeyRingMissing without a
    key ring.
    """
    until = sanctions.paused_until(member)
    if until is not None:
        raise ValidationError(
            gettext(
                "Until %(day)s you can read, but not write. "
                "Your text is still in this form."
            )
            % {"day": date_format(until, "j F Y")},
            code="paused",
        )


def count_text(member: Member) -> None:
    """Count one text of the member; at most 20 in ten minutes.

    The counter is under a tag. Raises TooFast, or KeyRingMissing without a key ring.
    """
    _count(member, "", MOST_TEXTS)


def count_reaction(member: Member) -> None:
    """Count one choice of a reaction; at most 60 in ten minutes, apart from texts.

    Whoever goes to and fro alone would send everybody a change each time. Raises what
    `count_text` raises.
    """
    _count(member, "reaction", MOST_REACTIONS)


def _count(member: Member, what: str, most: int) -> None:
    key = f"flood:{own_tag(member, Domain.FLOOD, what)}"
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        found = cache.incr(key)
    except ValueError:  # The counter ended between the two calls.
        return
    if found > most:
        raise TooFast
