"""Gives members a role or takes it away; there is no other way to either."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts.models import Member
from accounts.permissions import has_second_factor
from accounts.signals import access_ended

FIELDS = {
    "moderator": "is_moderator",
    "operator": "is_operator",
    "custodian": "is_custodian",
}


class Command(BaseCommand):
    help = (
        "Appoint admitted members as moderator, operator or custodian; --end ends it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", choices=sorted(FIELDS))
        parser.add_argument("email", nargs="+")
        parser.add_argument("--end", action="store_true", help="take the role away")

    def handle(self, *args: Any, **options: Any) -> None:
        changed = sum(
            self._set(email.strip().lower(), options["role"], not options["end"])
            for email in options["email"]
        )
        self.stdout.write(f"{changed} changed.")

    def _set(self, email: str, role: str, is_given: bool) -> bool:
        member = Member.objects.filter(email=email).first()
        if member is None or (is_given and not member.is_admitted):
            self.stdout.write(f"{email}: not an admitted member.")
            return False
        field = FIELDS[role]
        with transaction.atomic():
            changed = Member.objects.filter(
                pk=member.pk, **{field: not is_given}
            ).update(**{field: is_given})
            if changed and not is_given:
                # Open pages of the role close; the next request asks again.
                access_ended.send(sender=None, member_id=member.pk, session_key=None)
        self.stdout.write(f"{email}: {self._words(member, role, is_given, changed)}")
        return bool(changed)

    def _words(self, member: Member, role: str, is_given: bool, changed: int) -> str:
        if not changed:
            return f"{role} already." if is_given else f"not a {role}."
        if not is_given:
            return f"no longer {role}."
        if has_second_factor(member):
            return f"{role} now."
        return f"{role} now. A second factor is needed before it counts."
