"""Deletes what has been kept long enough."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from directeurskamer import retention


class Command(BaseCommand):
    help = "Delete what has been kept long enough; safe to run twice."

    def handle(self, *args: Any, **options: Any) -> None:
        kinds = 0
        for line in retention.purge():
            kinds += 1
            self.stdout.write(line)
        self.stdout.write(f"{kinds} kinds looked at.")
