"""Takes away the anonymous texts whose tick has come, as who left wished."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from forum import leaving


class Command(BaseCommand):
    help = "Take away what leavers scheduled and is due; safe to run twice."

    def handle(self, *args: Any, **options: Any) -> None:
        # A total and no line for each: a log must not name the texts.
        self.stdout.write(f"{leaving.remove_due()} texts taken away.")
