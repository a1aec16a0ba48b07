"""Checks the record of unsealing and prints its head, to be kept elsewhere."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moderation import record


class Command(BaseCommand):
    help = (
        "Check that no link of the record of unsealing was changed or is missing. "
        "Write the head down outside this machine; give it back with --known: only "
        "that finds a record that was made anew as a whole."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--known", metavar="NUMBER:HASH", help="a head that was printed earlier"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        broken = record.verify_chain()
        if broken is not None:
            raise CommandError(f"Link {broken} is missing or was changed.")
        if options["known"] and not record.is_known(options["known"]):
            raise CommandError("The head that you know is not in this record.")
        self.stdout.write(f"The record is whole. Its head: {record.head()}")
