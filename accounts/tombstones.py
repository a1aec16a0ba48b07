"""What was deleted for good and which secrets were replaced: remembered, so that it is
done again after an older backup is restored.

A row is sealed under the key ring, bound to its random key, and as long as every other
one: a copy of the database shows that something went, and neither what nor when.
"""

from __future__ import annotations

import datetime as dt
import secrets as random_source
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from django.utils import timezone

from accounts import keyring, readiness
from accounts.models import Tombstone

# How old a backup may be when it is restored.
OLDEST_BACKUP_DAYS = 90
# Longer, since the day of a backup may be that of a clock elsewhere.
KEPT_DAYS = OLDEST_BACKUP_DAYS + 2
PLAIN_BYTES = 80
SEALED_BYTES = keyring.NONCE_BYTES + PLAIN_BYTES + 16


class Kind(StrEnum):
    """What happened; what the target and the detail are is named beside each."""

    WITHDRAWN = "withdrawn"  # a text
    REMOVED = "removed"  # a text, and the code of the reason
    DETACHED = "detached"  # a member, and the mark of the secret that went
    LEFT = "left"  # a member, and which of their texts they let stay
    REFUSED = "refused"  # an applicant who never became a member


@dataclass(frozen=True)
class Deletion:
    """A tombstone that was opened."""

    kind: Kind
    day: dt.date
    target: str
    detail: str


def write(kind: Kind, target: str, detail: str = "") -> None:
    """Remember a deletion, in the transaction that makes it.

    Raises KeyRingMissing without a key ring: what cannot be remembered is not done.
    """
    key = random_source.token_hex(16)
    plain = f"{kind} {timezone.localdate()} {target} {detail}".encode()
    sealed = keyring.wrap(plain.ljust(PLAIN_BYTES), _bound_to(key))
    Tombstone.objects.create(tag=key, sealed=sealed)


def opened(key: str, sealed: bytes) -> Deletion:
    """What the tombstone says; raises InvalidTag if no key of the ring opens it."""
    plain = keyring.open_wrapped(sealed, _bound_to(key)).decode()
    kind, day, target, *detail = plain.split()
    return Deletion(Kind(kind), dt.date.fromisoformat(day), target, "".join(detail))


def is_old(deletion: Deletion) -> bool:
    """Whether no backup that may still be restored is older than the deletion."""
    return deletion.day < timezone.localdate() - dt.timedelta(KEPT_DAYS)


def renewed(key: str, sealed: bytes) -> bytes | None:
    """The tombstone under the first key of the ring; None when its time is over.

    One that no key opens stays as it is: the ring may be another one for a while.
    """
    try:
        if is_old(opened(key, sealed)):
            return None
        return keyring.rewrap(sealed, _bound_to(key))
    except InvalidTag:
        return sealed


def renew() -> int:
    """Delete rows whose time is over, seal the others under the first key of the ring.

    Returns how many went; none without a key ring.
    """
    if not readiness.is_ready():
        return 0
    gone = []
    for key, sealed in rows().items():
        now = renewed(key, sealed)
        if now is None:
            gone.append(key)
        elif now != sealed:
            Tombstone.objects.filter(pk=key).update(sealed=now)
    return Tombstone.objects.filter(pk__in=gone).delete()[0]


def rows() -> dict[str, bytes]:
    """Every row, sealed, by its key."""
    found = Tombstone.objects.values_list("tag", "sealed")
    return {key: bytes(sealed) for key, sealed in found}


def put_back(kept: dict[str, bytes]) -> None:
    """Write rows that the database does not have any more, as they were."""
    missing = [Tombstone(tag=key, sealed=kept[key]) for key in sorted(kept)]
    Tombstone.objects.bulk_create(missing, ignore_conflicts=True)


def _bound_to(key: str) -> str:
    # No id of a member begins like this: neither opens in the place of the other.
    return f"tombstone:{key}"
