"""Makes the secret of the web framework and the key ring, where they are missing."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import keyring


class Command(BaseCommand):
    help = "Write secret_key and alias_keys under var/keys/ unless they are there."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        made = 0
        for name, value in (
            ("secret_key", secrets.token_urlsafe(48)),
            ("alias_keys", keyring.make_key()),
        ):
            made += self._write(Path(settings.KEYS_DIR) / name, value)
        self.stdout.write(f"{made} keys made.")

    def _write(self, file: Path, value: str) -> bool:
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600, exist_ok=False)
            file.write_text(value + "\n")
        except FileExistsError:
            self.stdout.write(f"{file.name} is there already.")
            return False
        except OSError as error:
            raise CommandError(
                f"{file} cannot be written: {error.strerror}."
            ) from error
        self.stdout.write(f"{file.name} made. Keep it apart from the database.")
        return True
