"""Puts a backup in the place of the database, and does deletions since over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError

from directeurskamer import occupancy, restoring


class Command(BaseCommand):
    help = (
        "Put the backup in FILE in the place of the database, and do over what was "
        "deleted since. Stop the room first. Safe to run twice and to break off."
    )
    # The present database may be in any state.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for line in restoring.restore(options["file"]):
                self.stdout.write(line)
        except occupancy.OccupiedError as refusal:
            raise CommandError(str(refusal)) from None
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {error}") from None
        except OSError as error:
            raise CommandError(f"A file cannot be written: {error}.") from None
