"""A copy of the checkout without what was made in it, and commands run there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("accounts", "directeurskamer", "forum", "moderation", "templates")
# What an operator would set, with keys for these tests only.
PRODUCTION = {
    "DK_SECRET_KEY": "alleen-voor-deze-toets-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DK_ALIAS_KEYS": "B" * 42 + "A",
    "DK_ORIGIN": "https://kamer.example",
    "DK_CONTACT_EMAIL": "kamer@kamer.example",
    "DK_EMAIL_URL": "submission://kamer:woord@mail.kamer.example:587",
    "DK_DATABASE_URL": "sqlite:///room.sqlite3",
}


def copy_checkout(folder: Path) -> Path:
    """Copy the project to ``folder``: without keys, database or virtual environment."""
    shutil.copy(ROOT / "manage.py", folder)
    for part in PARTS:
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=skip)
    return folder


def run(
    folder: Path, *arguments: str, **variables: str | None
) -> subprocess.CompletedProcess[str]:
    """Run Python in ``folder`` with no other variables; one that is None is not set."""
    given = {name: value for name, value in variables.items() if value is not None}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **given},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def manage(
    folder: Path, *arguments: str, **variables: str | None
) -> subprocess.CompletedProcess[str]:
    """Run a command with an operator's settings, changed by ``variables``."""
    return run(folder, "manage.py", *arguments, **{**PRODUCTION, **variables})
