"""Warnings and writing pauses: given, recognised by who writes, kept through a new secret.

A sanction on an alias holds the author's tag, sealed under the key ring with a fresh
nonce. All of them are sealed anew at once, every night and whenever a secret is
replaced: in a comparison of two backups every row differs, so that the one that got
another tag inside does not point at a member.
"""

from __future__ import annotations

import datetime as dt

from cryptography.exceptions import InvalidTag
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import keyring, readiness
from accounts.models import Member, Sanction
from accounts.tags import Domain, own_tag, own_tags


def sanction_member(
    member: Member, *, kind: Sanction.Kind, until: dt.date, ground: str
) -> None:
    """Give a sanction to the author of a named text, up to the day ``until``."""
    Sanction.objects.create(member=member, kind=kind, until=until, ground=ground)


def sanction_alias(
    scope: str, tag: str, *, kind: Sanction.Kind, until: dt.date, ground: str
) -> None:
    """Give a sanction to whoever has author ``tag`` in ``scope``.

    Raises KeyRingMissing without a key ring.
    """
    row = Sanction(scope=scope, kind=kind, until=until, ground=ground)
    row.sealed_tag = _seal(row, tag)
    row.save(force_insert=True)


def paused_until(member: Member) -> dt.date | None:
    """The day from which the member may write again; None when nothing stops them.

    One query, whatever there is: each pause of an alias is held against the tag that
    this one member has in its scope. Raises KeyRingMissing without a key ring.
    """
    pauses = Sanction.objects.active().filter(kind=Sanction.Kind.PAUSE_WRITING)
    rows = list(pauses.filter(Q(member=None) | Q(member=member)))
    own = own_tags(member, Domain.AUTHOR, {row.scope for row in rows if row.scope})
    days = [
        row.until
        for row in rows
        if row.member_id is not None or own.get(_open(row)) == row.scope
    ]
    return max(days, default=None)


def is_alias_paused(scope: str, tag: str) -> bool:
    """Whether the alias with author ``tag`` in ``scope`` itself has a pause.

    For a job that knows an alias and no member. A pause that its owner got under
    another alias is not seen here. Raises KeyRingMissing without a key ring.
    """
    pauses = Sanction.objects.active().filter(
        kind=Sanction.Kind.PAUSE_WRITING, member=None, scope=scope
    )
    return any(_open(row) == tag for row in pauses)


def open_all() -> dict[Sanction, str]:
    """Every sanction on an alias with its tag, locked for the caller's transaction."""
    rows = Sanction.objects.select_for_update().filter(member=None).order_by("pk")
    opened = {row: _open(row) for row in rows}
    return {row: tag for row, tag in opened.items() if tag}


def own_among(member: Member, opened: dict[Sanction, str]) -> list[Sanction]:
    """Which of the sanctions are on the member, under the secret they have now."""
    return [
        row
        for row, tag in opened.items()
        if tag == own_tag(member, Domain.AUTHOR, row.scope)
    ]


def seal_all(opened: dict[Sanction, str]) -> None:
    """Seal every row anew with the tag beside it, in the caller's transaction."""
    for row, tag in opened.items():
        Sanction.objects.filter(pk=row.pk).update(sealed_tag=_seal(row, tag))


def reseal() -> int:
    """Seal the tags of all sanctions on aliases anew under the first key of the ring.

    Returns how many; none without a key ring.
    """
    if not readiness.is_ready():
        return 0
    with transaction.atomic():
        opened = open_all()
        seal_all(opened)
    return len(opened)


def drop_ended() -> int:
    """Delete sanctions whose time is over; returns how many."""
    return Sanction.objects.filter(until__lte=timezone.localdate()).delete()[0]


def _seal(row: Sanction, tag: str) -> bytes:
    return keyring.wrap(bytes.fromhex(tag), _bound_to(row))


def _open(row: Sanction) -> str:
    """The tag in the row; nothing when its key is gone: then it stops nobody."""
    try:
        return keyring.open_wrapped(bytes(row.sealed_tag or b""), _bound_to(row)).hex()
    except InvalidTag:
        return ""


def _bound_to(row: Sanction) -> str:
    # No id of a member begins like this: neither opens in the place of the other.
    return f"sanction:{row.pk}"
