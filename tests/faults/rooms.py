"""The demo in a process of its own, for tests that stop, kill or starve it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from websockets.typing import Origin

from tests.services import HOST, PATIENCE, free_port

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = """
from directeurskamer.settings import *

VAR_DIR = Path({folder!r})
TOMBSTONES = VAR_DIR / "tombstones"
STATIC_ROOT = VAR_DIR / "static"
MAIL_DIR = VAR_DIR / "mail"
EMAIL_FILE_PATH = str(MAIL_DIR)
"""


class Room:
    """A demo of its own under a folder, started as a person would start it."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.port = free_port()
        self.origin = Origin(f"http://{HOST}:{self.port}")
        self.log = folder / "log"
        (folder / "demo_settings.py").write_text(SETTINGS.format(folder=str(folder)))
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("DK_")},
            "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "demo_settings",
            "DK_DEMO": "1",
            "DK_SECRET_KEY": "only-for-tests-" * 5,
            "DK_ALIAS_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "DK_DATABASE_URL": f"sqlite:///{folder}/room.sqlite3",
            **variables,
        }

    @contextmanager
    def running(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port)]
        command += options
        with self.log.open("w") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait(process)
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 4 * PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            try:
                assert self.ask("GET", "/healthz/")[0] == 200
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self.log.read_text())

    def ask(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, SimpleCookie, str]:
        with closing(HTTPConnection(HOST, self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            cookies: SimpleCookie = SimpleCookie()
            for header in answer.headers.get_all("Set-Cookie", []):
                cookies.load(header)
            return answer.status, cookies, answer.read().decode()

    def sign_in(self) -> str:
        """The cookie header of `lid`, who signed in on the page."""
        _status, cookies, page = self.ask("GET", "/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        body = {
            "login": "lid@voorbeeld.nl",
            "password": "kamer-voor-twijfel",
            "csrfmiddlewaretoken": token[1],
        }
        status, signed_in, _page = self.ask(
            "POST",
            "/accounts/login/",
            urlencode(body),
            Cookie=f"csrftoken={cookies['csrftoken'].value}",
            Origin=self.origin,
            **{"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert status == 302
        return f"sessionid={signed_in['sessionid'].value}"
