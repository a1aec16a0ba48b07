"""The shelf: what a member follows and saved, as one sealed blob; and sealed drafts.

A stolen database does not show who reads or follows what: every member has a shelf
from the first day, padded in steps, under a key that only their secret gives.
"""

from __future__ import annotations

import json
import secrets as random_source
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import readiness
from accounts.models import Member, Shelf
from accounts.tags import own_key

STEP = 4096
MOST = 16 * STEP
NONCE_BYTES = 12
TRIES = 5


@dataclass(frozen=True)
class Shelved:
    """What lies on a shelf: ids of threads, themes, and codes of hints switched off."""

    followed: frozenset[str] = field(default_factory=frozenset)
    saved: frozenset[str] = field(default_factory=frozenset)
    muted: frozenset[str] = field(default_factory=frozenset)
    followed_themes: frozenset[str] = field(default_factory=frozenset)
    muted_themes: frozenset[str] = field(default_factory=frozenset)
    quiet: frozenset[str] = field(default_factory=frozenset)


def seal(member: Member, purpose: str, bound_to: str, content: Any) -> bytes:
    """``content`` as JSON, padded to a step of 4 KiB, sealed for ``member`` alone.

    Raises ValidationError when it would need more than 64 KiB.
    """
    plain = json.dumps(content, ensure_ascii=False).encode()
    size = -(-(len(plain) + 1) // STEP) * STEP
    if size > MOST:
        raise ValidationError(_("This is full. Take something away first."))
    nonce = random_source.token_bytes(NONCE_BYTES)
    cipher = AESGCM(own_key(member, purpose))
    return nonce + cipher.encrypt(nonce, plain.ljust(size), bound_to.encode())


def unseal(member: Member, purpose: str, bound_to: str, sealed: bytes) -> Any:
    """What `seal` was given; raises InvalidTag for another member, purpose or place."""
    cipher = AESGCM(own_key(member, purpose))
    plain = cipher.decrypt(
        sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode()
    )
    return json.loads(plain)


def make_shelf(member: Member) -> None:
    """An empty shelf for a new member; one row each, whatever they do later."""
    Shelf.objects.create(member=member, sealed=_sealed(member, Shelved()))


def read_shelf(member: Member) -> Shelved:
    """What lies on the member's shelf; empty without a key ring."""
    if not readiness.is_ready():
        return Shelved()
    return _opened(member, Shelf.objects.get(member=member))


def change_shelf(member: Member, change: Callable[[Shelved], Shelved]) -> Shelved:
    """Put ``change(shelved)`` on the shelf and return it.

    Compare-and-set on the version, so that two tabs never lose each other's change.
    """
    for _try in range(TRIES):
        row = Shelf.objects.get(member=member)
        shelved = change(_opened(member, row))
        changed = Shelf.objects.filter(member=member, version=row.version).update(
            sealed=_sealed(member, shelved), version=row.version + 1
        )
        if changed:
            return shelved
    raise ValidationError(_("That did not work. Please try again."))


def reseal_shelf(member: Member, shelved: Shelved) -> None:
    """Seal ``shelved`` anew when the member's secret was replaced.

    The version goes on counting: a change under way with the old secret comes too late.
    """
    Shelf.objects.filter(member=member).update(
        sealed=_sealed(member, shelved), version=F("version") + 1
    )


def _sealed(member: Member, shelved: Shelved) -> bytes:
    content = {
        each.name: sorted(getattr(shelved, each.name)) for each in fields(shelved)
    }
    return seal(member, "shelf", member.pk, content)


def _opened(member: Member, row: Shelf) -> Shelved:
    content = unseal(member, "shelf", member.pk, bytes(row.sealed))
    return Shelved(**{name: frozenset(ids) for name, ids in content.items()})
