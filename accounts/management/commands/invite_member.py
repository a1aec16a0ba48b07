"""Mails an invitation to one or more addresses."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.core.validators import validate_email

from accounts import joining
from accounts.models import Language


class Command(BaseCommand):
    help = "Invite people by address; who is a member already is left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="+")
        parser.add_argument(
            "--language", choices=Language.values, default=Language.DUTCH
        )

    def handle(self, *args: Any, **options: Any) -> None:
        invited = 0
        for email in options["email"]:
            try:
                validate_email(email)
            except ValidationError:
                self.stdout.write(f"{email}: not an address.")
                continue
            if joining.invite(email=email, language=options["language"]) is None:
                self.stdout.write(f"{email}: has an account already.")
                continue
            invited += 1
            self.stdout.write(f"{email}: invited.")
        self.stdout.write(f"{invited} invited.")
