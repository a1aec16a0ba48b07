"""A member leaves: one function per app, one transaction, nothing of them stays."""

from __future__ import annotations

from django.db import transaction

from accounts import closing, tombstones
from accounts.models import Member
from forum import leaving as forum_leaving
from moderation import leaving as moderation_leaving


def leave(*, by: Member, keeps_named: bool, keeps_anonymous: bool) -> None:
    """Part ``by`` from their texts and delete the account, all or nothing.

    It happens at once: there is no time to think again. Named texts stay without a
    name or go; anonymous ones do not change now (`forum.leaving.let_go`). Raises
    ValidationError when a named text was added meanwhile, KeyRingMissing without a key
    ring, and PermissionDenied when the account is gone already; nothing is written then.
    """
    with transaction.atomic():
        forum_leaving.let_go(
            by=by, keeps_named=keeps_named, keeps_anonymous=keeps_anonymous
        )
        moderation_leaving.let_go(by=by)
        stays = f"{'named' * keeps_named},{'anonymous' * keeps_anonymous}"
        tombstones.write(tombstones.Kind.LEFT, by.pk, stays)
        closing.close(by)


def leave_again(member_id: str, stays: str) -> bool:
    """Delete an account that a backup brought back; false when it did not.

    ``stays`` is what its owner chose. Anonymous texts that should go get new moments.
    """
    member = Member.objects.filter(pk=member_id).first()
    if member is None:
        return False
    kept = stays.split(",")
    leave(by=member, keeps_named="named" in kept, keeps_anonymous="anonymous" in kept)
    return True
