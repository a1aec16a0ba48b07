"""Makes, replaces and opens the one secret of a member, for that member only."""

from __future__ import annotations

import secrets as random_source

from accounts import keyring, readiness
from accounts.models import Member, MemberSecret

SECRET_BYTES = keyring.KEY_BYTES
BATCH = 500


def make_secret(member: Member) -> None:
    """Give a new member their secret.

    Runs in the transaction that makes the account, whether or not the member will
    ever write under an alias. Raises KeyRingMissing without a key ring.
    """
    MemberSecret.objects.create(member=member, wrapped=_new_secret(member))


def replace_secret(member: Member) -> None:
    """Destroy the member's secret and give them another, in the caller's transaction.

    `accounts.detaching` is its only caller: it carries over what must stay. The row
    is overwritten, not made anew: its place in the table would tell that it happened.
    """
    MemberSecret.objects.filter(member=member).update(wrapped=_new_secret(member))


def _new_secret(member: Member) -> bytes:
    secret = random_source.token_bytes(SECRET_BYTES)
    wrapped = keyring.wrap(secret, member.pk)
    member.__dict__["_opened_secret"] = secret
    return wrapped


def secret_of(member: Member) -> bytes:
    """The secret of ``member``, opened once per object and kept on it.

    ``member`` is the one whose request or job this is; nothing here goes from a tag
    to a member. Raises KeyRingMissing without a key ring.
    """
    opened: bytes | None = member.__dict__.get("_opened_secret")
    if opened is None:
        row = member.membersecret
        opened = keyring.open_wrapped(bytes(row.wrapped), member.pk)
        member.__dict__["_opened_secret"] = opened
    return opened


def rotate_secrets() -> int:
    """Wrap every secret under the first key of the ring; returns how many changed.

    No tag changes, since no secret does. One row at a time, each on the condition that
    it is as it was read: a run that is killed leaves every row whole, under one key or
    the other, and the next run goes on. Raises KeyRingMissing without a key ring.
    """
    if not readiness.is_ready():
        raise readiness.KeyRingMissing
    changed = 0
    for row in MemberSecret.objects.order_by("pk").iterator(BATCH):
        before = bytes(row.wrapped)
        after = keyring.rewrap(before, row.pk)
        if after != before:
            changed += MemberSecret.objects.filter(pk=row.pk, wrapped=before).update(
                wrapped=after
            )
    return changed
