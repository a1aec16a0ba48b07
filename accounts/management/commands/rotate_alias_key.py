"""Wraps every member secret under the first key of the ring."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import sanctions, secrets, tombstones
from accounts.readiness import KeyRingMissing


class Command(BaseCommand):
    help = (
        "Wrap every member secret under the first key of DK_ALIAS_KEYS. Put the new key "
        "first, keep the old one behind it, run this, and keep the old key apart until "
        "the oldest backup is gone. Safe to run twice and to break off."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed = secrets.rotate_secrets()
            sealed = sanctions.reseal()
        except KeyRingMissing:
            raise CommandError(
                "DK_ALIAS_KEYS is missing: there is no key to wrap with."
            ) from None
        self.stdout.write(f"{changed} secrets wrapped under the first key.")
        self.stdout.write(f"{sealed} sanctions sealed anew.")
        tombstones.renew()
        self.stdout.write("Tombstones sealed under the first key.")
