from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from django.core.checks import WARNING
from pytest_django import Settings

from accounts import checks
from directeurskamer import env
from tests.project.checkout import PRODUCTION, copy_checkout, manage, run

# Stands in every value that must not be shown, in one piece.
CANARY = "kanarie"
KEY = PRODUCTION["DK_ALIAS_KEYS"]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


# Reads settings without starting everything.
ASK = """
import json
from django.conf import settings
names = ["ORIGIN", "ALLOWED_HOSTS", "IS_HTTPS", "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "DEBUG",
    "PASSWORD_HASHERS", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_PASSWORD",
    "EMAIL_USE_TLS", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"]
found = {name: getattr(settings, name) for name in names}
print(json.dumps({**found, "ALIAS_KEYS": len(settings.ALIAS_KEYS)}))
"""


def ask(folder: Path, **variables: str | None) -> dict[str, object]:
    """The settings that an operator's ``variables`` lead to; of the ring its length."""
    module = {"DJANGO_SETTINGS_MODULE": "directeurskamer.settings"}
    answer = run(folder, "-c", ASK, **{**PRODUCTION, **module, **variables})
    assert answer.returncode == 0, answer.stderr
    found: dict[str, object] = json.loads(answer.stdout)
    return found


REFUSALS: dict[str, dict[str, str | None]] = {
    "no secret key": {"DK_SECRET_KEY": None},
    "no origin": {"DK_ORIGIN": None},
    "no contact address": {"DK_CONTACT_EMAIL": None},
    "no mail server": {"DK_EMAIL_URL": None},
    "ring that is no base64": {"DK_ALIAS_KEYS": f"{CANARY}!"},
    "ring with a short key": {"DK_ALIAS_KEYS": f"{KEY},{CANARY}{CANARY}AA"},
    "origin with a path": {"DK_ORIGIN": f"https://kamer.example/{CANARY}"},
    "unknown premoderation": {"DK_PREMODERATE": CANARY},
    "demo that is neither yes nor no": {"DK_DEMO": "misschien"},
    "database of a kind we do not know": {"DK_DATABASE_URL": f"oracle://{CANARY}@db"},
    "database with a slash in its password": {
        "DK_DATABASE_URL": f"postgresql://ik:{CANARY}/x@db/kamer"
    },
    "mail in a way we do not know": {"DK_EMAIL_URL": f"pigeon://ik:{CANARY}@mail"},
    "mail server with a slash in its password": {
        "DK_EMAIL_URL": f"submission://ik:{CANARY}/x@mail:587"
    },
    "file that does not exist": {
        "DK_SECRET_KEY": None,
        "DK_SECRET_KEY_FILE": "nowhere/secret_key",
    },
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
    assert line.startswith(variable.removesuffix("_FILE"))
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


@pytest.mark.parametrize(
    "value",
    [
        "kamer.example",
        "ftp://kamer.example",
        "https://",
        "https://kamer.example/pad",
        "https://kamer.example?vraag",
        "https://kamer.example#deel",
        "https://ik@kamer.example",
        "https://ik:geheim@kamer.example",
        "https://[kamer",
        "https://kamer.example:poort",
    ],
)
def test_origin_is_a_scheme_and_a_host_and_nothing_else(value: str) -> None:
    with pytest.raises(ValueError, match=r"^it is a scheme and a host, such as \S+$"):
        env.origin(value)


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("https://kamer.example", "https://kamer.example"),
        ("HTTPS://Kamer.Example/", "https://kamer.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("", ""),
    ],
)
def test_origin_is_brought_to_one_form(value: str, origin: str) -> None:
    assert env.origin(value).geturl() == origin


def test_ring_may_come_from_a_file(checkout: Path, tmp_path: Path) -> None:
    file = tmp_path / "ring"
    file.write_text(f"{KEY}\n")

    found = ask(checkout, DK_ALIAS_KEYS=None, DK_ALIAS_KEYS_FILE=str(file))

    assert found["ALIAS_KEYS"] == 1


def test_missing_ring_is_a_warning_and_not_a_stop(
    checkout: Path, settings: Settings
) -> None:
    assert ask(checkout, DK_ALIAS_KEYS=None)["ALIAS_KEYS"] == 0
    assert checks.key_ring_is_present(None) == []

    settings.ALIAS_KEYS = ()

    (warning,) = checks.key_ring_is_present(None)
    assert warning.level == WARNING
    assert "DK_ALIAS_KEYS is missing" in warning.msg


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
    demo = ask(tmp_path, **bare, DK_DEMO="1")
    assert demo["ORIGIN"] == "http://127.0.0.1:8000"
    assert demo["ALIAS_KEYS"] == 1


def test_settings_of_production_are_what_they_should_be(checkout: Path) -> None:
    assert ask(checkout) == {
        "ALIAS_KEYS": 1,
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
