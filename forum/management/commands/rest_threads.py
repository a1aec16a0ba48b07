"""Asks once how a quiet dilemma turned out, and lets what is long quiet rest."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from forum import resting


class Command(BaseCommand):
    help = (
        "Ask authors of dilemmas quiet for three weeks how it turned out, and let "
        "threads rest after sixty days; safe to run twice and at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        self.stdout.write(f"{resting.ask_outcomes(today)} authors asked.")
        self.stdout.write(f"{resting.rest_quiet(today)} threads at rest.")
