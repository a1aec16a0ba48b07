"""Releases the texts whose random moment has come."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from forum import delaying


class Command(BaseCommand):
    help = "Release the texts whose tick has come; safe to run twice and at once."

    def handle(self, *args: Any, **options: Any) -> None:
        released = delaying.release_due(timezone.now())
        for each in released:
            self.stdout.write(f"{each.post_id}: {each.state}")
        done = sum(each.state != delaying.FAILED for each in released)
        self.stdout.write(f"{done} delayed texts released.")
