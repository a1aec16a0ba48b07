"""Gives members a role or takes it away; there is no other way to either."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Member
from accounts.permissions import has_second_factor
from accounts.signals import access_ended
from moderation import record

FIELDS = {
    "moderator": "is_moderator",
    "operator": "is_operator",
    "custodian": "is_custodian",
}
LONGEST_NAME = 120


class Command(BaseCommand):
    help = (
        "Appoint admitted members as moderator, operator or custodian; --end ends it. "
        "For a custodian two people do this: --by and --with name them for the record."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", choices=sorted(FIELDS))
        parser.add_argument("email", nargs="+")
        parser.add_argument("--end", action="store_true", help="take the role away")
        parser.add_argument("--by", metavar="NAME", default="", help="who does this")
        parser.add_argument(
            "--with", metavar="NAME", default="", help="who sees to it, somebody else"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        role = options["role"]
        names = self._names(options) if role == "custodian" else ""
        changed = sum(
            self._set(email.strip().lower(), role, not options["end"], names)
            for email in options["email"]
        )
        self.stdout.write(f"{changed} changed.")

    def _names(self, options: dict[str, Any]) -> str:
        """The two people of the record, both named and not the same."""
        names = [" ".join(options[key].split()) for key in ("by", "with")]
        if not all(1 < len(name) <= LONGEST_NAME for name in names):
            raise CommandError(
                "A custodian is appointed by two people: name them with --by and --with."
            )
        if names[0].casefold() == names[1].casefold():
            raise CommandError("--by and --with name two different people.")
        return ", ".join(names)

    def _set(self, email: str, role: str, is_given: bool, names: str) -> bool:
        member = Member.objects.filter(email=email).first()
        if member is None or (is_given and not member.is_admitted):
            self.stdout.write(f"{email}: not an admitted member.")
            return False
        field = FIELDS[role]
        with transaction.atomic():
            changed = Member.objects.filter(
                pk=member.pk, **{field: not is_given}
            ).update(**{field: is_given})
            if changed and role == "custodian":
                kind = record.Kind.APPOINTED if is_given else record.Kind.ENDED
                record.append(kind, who=names, other=member)
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
