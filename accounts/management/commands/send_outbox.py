"""Sends the mail that waits in the outbox."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import outbox


class Command(BaseCommand):
    help = "Send what is due; safe to run twice and at the same time."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{outbox.send_waiting()} mails sent.")
