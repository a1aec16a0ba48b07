"""Writes a backup of the database while people write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError

from directeurskamer import backups, retention


class Command(BaseCommand):
    help = (
        "Write a backup of the database to FILE, which must not be there. It holds no "
        "key of the ring: keep that apart."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(retention.keep_tombstones())
            backups.make(options["file"])
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {error}") from None
        except OSError as error:
            raise CommandError(f"A file cannot be written: {error}.") from None
        self.stdout.write(f"{options['file']} written and checked.")
