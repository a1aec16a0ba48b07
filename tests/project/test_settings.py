from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.project.checkout import PRODUCTION, copy_checkout, manage, run

# Stands in every value that must not be shown, in one piece.
CANARY = "kanarie"
KEY = PRODUCTION["DK_ALIAS_KEYS"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


REFUSALS: dict[str, dict[str, str | None]] = {
    "no secret key": {"DK_SECRET_KEY": None},
    "empty secret key": {"DK_SECRET_KEY": ""},
    "no origin": {"DK_ORIGIN": None},
    "no contact address": {"DK_CONTACT_EMAIL": None},
    "no mail server": {"DK_EMAIL_URL": None},
    "ring that is no base64": {"DK_ALIAS_KEYS": f"{CANARY}!"},
    "ring with a short key": {"DK_ALIAS_KEYS": f"{KEY},{CANARY}{CANARY}AA"},
    "ring with a key twice": {"DK_ALIAS_KEYS": f"{KEY},{KEY}"},
    "origin with a path": {"DK_ORIGIN": "https://kamer.example/kanarie"},
    "origin with a query": {"DK_ORIGIN": "https://kamer.example?kanarie"},
    "origin without a scheme": {"DK_ORIGIN": "kamer.example"},
    "origin without a host": {"DK_ORIGIN": "https://"},
    "origin with a password": {"DK_ORIGIN": "https://ik:kanarie@kamer.example"},
    "origin with half a host": {"DK_ORIGIN": "https://[kanarie"},
    "origin with a strange port": {"DK_ORIGIN": "https://kamer.example:kanarie"},
    "unknown premoderation": {"DK_PREMODERATE": CANARY},
    "demo that is neither yes nor no": {"DK_DEMO": "misschien"},
    "unknown database": {"DK_DATABASE_URL": f"oracle://ik:{CANARY}@db/kamer"},
    "database without a scheme": {"DK_DATABASE_URL": CANARY},
    "database with a slash in its password": {
        "DK_DATABASE_URL": f"postgresql://ik:{CANARY}/x@db/kamer"
    },
    "unknown way of mailing": {"DK_EMAIL_URL": f"pigeon://ik:{CANARY}@mail"},
    "mail server with a slash in its password": {
        "DK_EMAIL_URL": f"submission://ik:{CANARY}/x@mail:587"
    },
    "file that does not exist": {
        "DK_SECRET_KEY": None,
        "DK_SECRET_KEY_FILE": "nowhere/secret_key",
    },
    "file that is a folder": {"DK_ALIAS_KEYS": None, "DK_ALIAS_KEYS_FILE": "forum"},
    "file below a file": {
        "DK_ALIAS_KEYS": None,
        "DK_ALIAS_KEYS_FILE": "manage.py/alias_keys",
    },
    "file that is no text": {
        "DK_SECRET_KEY": None,
        "DK_SECRET_KEY_FILE": "binary_key",
    },
}


@pytest.mark.parametrize("changes", REFUSALS.values(), ids=list(REFUSALS))
def test_refusal_is_one_sentence_that_names_the_variable_and_shows_no_value(
    checkout: Path, changes: dict[str, str | None]
) -> None:
    (checkout / "binary_key").write_bytes(b"\xff\xfe" + CANARY.encode())
    named = [name for name, value in changes.items() if value is not None]
    variable = (named or list(changes))[0]

    answer = manage(checkout, "check", **changes)

    assert answer.returncode == 1
    assert answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    assert line.startswith(variable)
    assert line.endswith(".")
    assert CANARY not in line
    assert KEY not in line
    assert "Error" not in line


def test_file_that_make_keys_wrote_and_cannot_be_read_is_refused(
    tmp_path: Path,
) -> None:
    copy_checkout(tmp_path)
    (tmp_path / "var" / "keys" / "secret_key").mkdir(parents=True)

    answer = manage(tmp_path, "check", DK_SECRET_KEY=None)

    assert answer.returncode == 1
    assert answer.stderr == "DK_SECRET_KEY: the file secret_key cannot be read.\n"


def test_secret_may_come_from_a_file(checkout: Path, tmp_path: Path) -> None:
    file = tmp_path / "ring"
    file.write_text(f"{KEY}\n")

    answer = manage(checkout, "check", DK_ALIAS_KEYS=None, DK_ALIAS_KEYS_FILE=str(file))

    assert answer.returncode == 0
    assert "DK_ALIAS_KEYS" not in answer.stderr


def test_missing_ring_is_a_warning_and_not_a_stop(checkout: Path) -> None:
    answer = manage(checkout, "check", DK_ALIAS_KEYS=None)

    assert answer.returncode == 0
    assert "DK_ALIAS_KEYS is missing" in answer.stderr


def test_deployment_check_finds_nothing_behind_https(checkout: Path) -> None:
    answer = manage(checkout, "check", "--deploy", "--fail-level", "WARNING")

    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    assert answer.stdout == "System check identified no issues (0 silenced).\n"


def test_keys_are_made_once_and_then_found(tmp_path: Path) -> None:
    copy_checkout(tmp_path)
    bare = dict.fromkeys(PRODUCTION)

    first = manage(tmp_path, "make_keys", **bare)
    files = sorted((tmp_path / "var" / "keys").iterdir())
    made = [file.read_text() for file in files]
    second = manage(tmp_path, "make_keys", **bare)

    assert first.stdout.splitlines()[-1] == "2 keys made."
    assert second.stdout.splitlines()[-1] == "0 keys made."
    assert [file.name for file in files] == ["alias_keys", "secret_key"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
    assert [file.read_text() for file in files] == made
    assert all(key.strip() not in first.stdout + first.stderr for key in made)
    demo = manage(tmp_path, "check", **bare, DK_DEMO="1")
    assert (demo.returncode, demo.stderr) == (0, "")


ASK = """
import json
from django.conf import settings
names = ["ORIGIN", "ALLOWED_HOSTS", "IS_HTTPS", "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "DEBUG",
    "PASSWORD_HASHERS", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_PASSWORD",
    "EMAIL_USE_TLS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def test_settings_of_production_are_what_they_should_be(checkout: Path) -> None:
    module = {"DJANGO_SETTINGS_MODULE": "directeurskamer.settings"}
    origin = {"DK_ORIGIN": "HTTPS://Kamer.Example/"}

    answer = run(checkout, "-c", ASK, **{**PRODUCTION, **module, **origin})

    assert json.loads(answer.stdout) == {
        "ORIGIN": "https://kamer.example",
        "ALLOWED_HOSTS": ["kamer.example"],
        "IS_HTTPS": True,
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "DEBUG": False,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "EMAIL_HOST": "mail.kamer.example",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_PASSWORD": "woord",
        "EMAIL_USE_TLS": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600,
    }


def test_static_files_are_collected_and_name_only_files_that_exist(
    checkout: Path,
) -> None:
    answer = manage(checkout, "collectstatic", "--no-input")

    assert answer.returncode == 0, answer.stderr
    assert (checkout / "var" / "static" / "staticfiles.json").exists()
