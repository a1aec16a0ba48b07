from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUE = ROOT / "directeurskamer/locale/nl/LC_MESSAGES/django.po"
FOLDERS = ("accounts", "directeurskamer", "forum", "moderation", "templates")

Key = tuple[str | None, str]


def messages(catalogue: polib.POFile | polib.MOFile) -> dict[Key, object]:
    return {
        (entry.msgctxt, entry.msgid): entry.msgstr_plural or entry.msgstr
        for entry in catalogue
        if not entry.obsolete
    }


def test_dutch_is_complete() -> None:
    catalogue = polib.pofile(str(CATALOGUE))

    assert not [entry.msgid for entry in catalogue.untranslated_entries()]
    assert not [entry.msgid for entry in catalogue.fuzzy_entries()]
    assert not catalogue.obsolete_entries()


def test_compiled_catalogue_says_what_the_source_says() -> None:
    source = polib.pofile(str(CATALOGUE))
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))

    assert messages(compiled) == messages(source)


def test_every_message_of_the_pages_is_in_the_catalogue(tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("gettext is missing")
    for folder in FOLDERS:
        shutil.copytree(
            ROOT / folder,
            tmp_path / folder,
            ignore=shutil.ignore_patterns("__pycache__", "static"),
        )
    subprocess.run(
        [
            sys.executable,
            "-m",
            "django",
            "makemessages",
            "--locale=nl",
            "--no-obsolete",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env={
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "directeurskamer.settings",
            "DK_DEMO": "1",
            "DK_SECRET_KEY": "only-for-tests",
        },
    )

    collected = polib.pofile(
        str(tmp_path / "directeurskamer/locale/nl/LC_MESSAGES/django.po")
    )

    assert set(messages(collected)) == set(messages(polib.pofile(str(CATALOGUE))))


def test_placeholders_and_plurals_are_right() -> None:
    if shutil.which("msgfmt") is None:
        pytest.skip("gettext is missing")
    checked = subprocess.run(
        ["msgfmt", "--check", "--output-file=/dev/null", str(CATALOGUE)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
