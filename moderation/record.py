"""The record of unsealing: links that each carry the hash of the one before.

`verify_chain` finds a link that was changed, left out, moved or cut off at the end. It
cannot find that somebody who may write to the database made the whole chain and its
head anew, or put an older copy of both back: for that, keep the head that
`check_unsealings` prints on paper, and compare (`--known`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Member
from moderation.models import UnsealingHead, UnsealingLink, UnsealingRequest

Kind = UnsealingLink.Kind
HEAD = 1
COUNTED = (Kind.OPENED, Kind.REFUSED, Kind.EXPIRED)


@dataclass(frozen=True)
class Year:
    """How often it happened in a calendar year."""

    year: int
    opened: int
    refused: int
    expired: int


def append(
    kind: UnsealingLink.Kind,
    *,
    by: Member | None = None,
    other: Member | None = None,
    request: UnsealingRequest | None = None,
    **facts: Any,
) -> UnsealingLink:
    """Write the next link, in the caller's transaction; the head's row puts writers in line.

    ``by`` acted and ``other`` is the second person; of ``request`` the ground, reason,
    text and ban are taken over. ``facts`` are further fields of the link.
    """
    if by is not None:
        facts |= {"who": by.display_name, "who_id": by.pk}
    if other is not None:
        facts |= {"whom": other.display_name, "whom_id": other.pk}
    if request is not None:
        facts = {
            "request_id": request.pk,
            "post_id": request.post_id,
            "ground": request.ground,
            "reason": request.reason,
            "ban_until": request.ban_until,
            **facts,
        }
    with transaction.atomic():
        UnsealingHead.objects.get_or_create(pk=HEAD)
        head = UnsealingHead.objects.select_for_update().get(pk=HEAD)
        last = UnsealingLink.objects.order_by("-number").first()
        # A head that was set back must not stop the record: its gap stays visible.
        number = max(head.number, last.number if last else 0) + 1
        link = UnsealingLink(number=number, kind=kind, previous=head.hash, **facts)
        link.hash = hash_of(link)
        link.save(force_insert=True)
        UnsealingHead.objects.filter(pk=HEAD).update(number=number, hash=link.hash)
    return link


def hash_of(link: UnsealingLink) -> str:
    """SHA-256 (FIPS 180-4) as hex over all fields but the hash, as sorted JSON."""
    fields = {
        field.attname: _plain(getattr(link, field.attname))
        for field in link._meta.concrete_fields
        if field.attname != "hash"
    }
    words = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def verify_chain() -> int | None:
    """The number of the first link that is missing or not as it was; None if all are."""
    number, previous = 0, ""
    for link in UnsealingLink.objects.order_by("number").iterator():
        number += 1
        if link.number != number:
            return number
        if link.previous != previous or link.hash != hash_of(link):
            return number
        previous = link.hash
    head = UnsealingHead.objects.filter(pk=HEAD).first() or UnsealingHead()
    if head.number != number:
        return min(head.number, number) + 1
    return None if head.hash == previous else number


def head() -> str:
    """Number and hash of the last link, as ``12:ab…``; ``0:`` for an empty record."""
    return str(UnsealingHead.objects.filter(pk=HEAD).first() or UnsealingHead())


def is_known(head: str) -> bool:
    """Whether a head that was written down earlier still stands in the record."""
    number, _colon, its_hash = head.strip().partition(":")
    if not number.isdecimal():
        return False
    if int(number) == 0:
        return not its_hash
    return UnsealingLink.objects.filter(number=int(number), hash=its_hash).exists()


def years() -> list[Year]:
    """Per calendar year how many were opened, refused and expired, newest first.

    This year is always there: none is a number too. One query.
    """
    found = Counter(
        (timezone.localtime(hour).year, kind)
        for kind, hour in UnsealingLink.objects.filter(kind__in=COUNTED).values_list(
            "kind", "hour"
        )
    )
    now = timezone.localdate().year
    first = min((year for year, _kind in found), default=now)
    return [
        Year(year, *(found[year, kind] for kind in COUNTED))
        for year in range(max(now, first), first - 1, -1)
    ]
