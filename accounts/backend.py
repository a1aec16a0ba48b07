"""Who a session belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import Member


class MemberBackend(AuthenticationBackend):  # type: ignore[misc]  # untyped
    """Brings the wrapped secret along: nearly every page opens something with it."""

    def get_user(self, user_id: Any) -> Member | None:
        """The member of a session, in one query, or None when they are gone."""
        members = Member.objects.select_related("membersecret")
        member = members.filter(pk=user_id).first()
        return member if member and self.user_can_authenticate(member) else None
