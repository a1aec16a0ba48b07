"""What moderation puts into a member's own export."""

from __future__ import annotations

from typing import Any

from accounts.models import Member
from moderation.queue import own_flags


def own_moderation(member: Member) -> dict[str, Any]:
    """The member's own flags and what became of them.

    Raises KeyRingMissing without a key ring.
    """
    return {
        "flags": [
            {
                "about": own.title,
                "reason": str(own.flag.get_reason_display()),
                "note": own.flag.note,
                "outcome": own.outcome,
            }
            for own in own_flags(member)
        ]
    }
