from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from directeurskamer import serving
from tests.services import HOST, free_port

ROOT = Path(__file__).resolve().parent.parent.parent


def serve(**options: Any) -> str:
    with pytest.raises(SystemExit) as refusal:
        call_command("serve", **options)
    return str(refusal.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "room.example"])  # noqa: S104 - refused
def test_demo_refuses_to_listen_to_others(settings: Any, host: str) -> None:
    settings.DEMO = True

    assert "not a loopback address" in serve(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_demo_listens_on_loopback(settings: Any, host: str) -> None:
    settings.DEMO = True

    serving.check_host(host)


def test_taken_port_is_told_in_one_sentence() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()

        port = other.getsockname()[1]
        refusal = serve(port=port)

    assert refusal.startswith(f"Port {port} is taken")
    assert "\n" not in refusal


def test_folder_that_cannot_be_written_is_told_in_one_sentence(
    settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.DEMO = True
    settings.VAR_DIR = tmp_path / "file" / "var"

    refusal = serve(port=free_port())

    assert "cannot be written" in refusal
    assert "\n" not in refusal


@pytest.mark.django_db(transaction=True)
def test_pending_migration_is_told_in_one_sentence() -> None:
    with connection.cursor() as cursor:
        # All of the app that nothing depends on: the history stays consistent.
        cursor.execute("DELETE FROM django_migrations WHERE app = 'moderation'")
    try:
        refusal = serve(port=free_port())
    finally:
        call_command("migrate", fake=True, verbosity=0)
        Path(f"{connection.settings_dict['NAME']}-in-use").unlink(missing_ok=True)

    assert refusal == "The database is behind: run `manage.py migrate` first."


def test_static_files_are_collected_once(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        },
    }

    assert serving.collect_static()
    assert not serving.collect_static()
    settings.STATIC_ROOT.joinpath("staticfiles.json").unlink()
    assert serving.collect_static()


def test_rooms_that_start_at_once_collect_the_static_files_once(tmp_path: Path) -> None:
    tmp_path.joinpath("apart.py").write_text(
        "from pathlib import Path\n"
        "from directeurskamer.settings import *\n"
        f"VAR_DIR = Path({str(tmp_path)!r})\n"
        "STATIC_ROOT = VAR_DIR / 'static'\n"
    )
    script = (
        "import django; django.setup();"
        "from directeurskamer import serving; print(serving.collect_static())"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "DJANGO_SETTINGS_MODULE": "apart",
        "DK_DEMO": "1",
        "DK_SECRET_KEY": "only-for-tests-" * 5,
    }
    rooms = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    told = [room.communicate(timeout=60) for room in rooms]

    assert [errors for _, errors in told] == ["", "", ""]
    assert sorted(word.strip() for word, _ in told) == ["False", "False", "True"]


def test_worker_goes_on_after_a_failing_job_and_stops_when_told() -> None:
    turns: list[str] = []
    done = threading.Event()

    def fails() -> None:
        turns.append("fails")
        raise OperationalError("database is locked")

    def works() -> None:
        turns.append("works")
        if turns.count("works") == 3:
            done.set()

    worker = serving.Worker([(0.01, fails), (0.01, works)])
    worker.start()
    assert done.wait(10)
    started = time.monotonic()
    worker.stop()

    assert not worker.is_alive()
    assert time.monotonic() - started < 2
    assert turns[:4] == ["fails", "works", "fails", "works"]
