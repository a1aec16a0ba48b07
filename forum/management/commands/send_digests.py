"""Fixes the digests that are due and sends them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from forum import digests


class Command(BaseCommand):
    help = "Plan and send digests; safe to run twice and at the same time."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in digests.run().lines():
            self.stdout.write(line)
