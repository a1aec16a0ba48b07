"""What accounts puts into a member's own export."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from accounts.drafts import list_drafts
from accounts.models import Application, Invitation, Member


def own_account(member: Member) -> dict[str, Any]:
    """Profile, settings, application, invitation and drafts; words as pages show them.

    Raises KeyRingMissing without a key ring: a copy without the drafts would look whole.
    """
    addresses = EmailAddress.objects.filter(user=member).order_by("pk")
    factors = Authenticator.objects.filter(user=member).order_by("pk")
    return {
        "profile": {
            "name": member.display_name,
            "address": member.email,
            "other_addresses": [
                row.email for row in addresses if row.email != member.email
            ],
            "second_factors": [str(row.get_type_display()) for row in factors],
            "admitted_on": _day(member.admitted_on),
            "last_signed_in_on": _day(member.last_signed_in_on),
        },
        "settings": {
            "language": str(member.get_language_display()),
            "region": str(member.get_region_display()),
            "digest": str(member.get_digest_frequency_display()),
            "digest_has_titles": member.digest_has_titles,
            "digest_themes": member.digest_categories,
        },
        "application": _application(member),
        "invitation": _invitation(member),
        "drafts": [
            {"saved_at": draft.saved_at.isoformat(), "fields": draft.fields}
            for draft in list_drafts(member)
            if not draft.is_owned
        ],
    }


def _application(member: Member) -> dict[str, Any] | None:
    told = Application.objects.filter(member=member).first()
    if told is None:
        return None
    return {
        "full_name": told.full_name,
        "work": str(told.get_work_display()),
        "work_note": told.work_note,
        "proof_route": str(told.get_proof_route_display()),
        "proof_note": told.proof_note,
        "school": told.school,
        "board": told.board,
        "motivation": told.motivation,
        "is_board_member": told.is_board_member,
        "state": str(told.get_state_display()),
        "sent_on": _day(told.sent_on),
        "decided_on": _day(told.decided_on),
    }


def _invitation(member: Member) -> dict[str, Any] | None:
    row = Invitation.objects.filter(email=member.email).first()
    if row is None:
        return None
    return {"made_on": _day(row.made_on), "accepted_on": _day(row.accepted_on)}


def _day(day: Any) -> str:
    return day.isoformat() if day else ""
