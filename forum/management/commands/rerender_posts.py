"""Renders texts anew: after an update of the renderer or of a template of a fragment."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from forum.rerendering import rerender


class Command(BaseCommand):
    help = "Render what an earlier version rendered; safe to run twice and at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="also what is not behind"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for done in rerender(every=options["all"]):
            self.stdout.write(f"{done} conversations rendered anew.")
            self.stdout.flush()
