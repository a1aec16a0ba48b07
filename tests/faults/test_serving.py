from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.faults.rooms import ROOT, Room
from tests.services import HOST, PATIENCE


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_demo_serves_pages_and_sockets_and_stops_cleanly(
    room: Room, ending: signal.Signals
) -> None:
    with room.running() as process:
        cookie = room.sign_in()
        address = f"ws://{HOST}:{room.port}/ws/room/?after=0&lang=nl"
        headers = {"Cookie": cookie}
        with connect(
            address, origin=room.origin, additional_headers=headers, compression=None
        ) as socket:
            assert '"room.changed"' in str(socket.recv(PATIENCE))
            with pytest.raises(InvalidStatus):
                connect(address, origin=Origin("http://elsewhere.example"))
            with pytest.raises(InvalidStatus):
                connect(f"ws://{HOST}:{room.port}/ws/elsewhere/", origin=room.origin)
            started = time.monotonic()
            process.send_signal(ending)
            code = process.wait(PATIENCE)

    log = room.log.read_text()
    assert code == 0
    assert time.monotonic() - started < 10
    assert f"open at {room.origin}/" in log
    assert "lid@voorbeeld.nl" in log
    assert "Traceback" not in log
    assert "WARNING" not in log
    assert "ERROR" not in log


def test_second_start_keeps_what_is_there(room: Room) -> None:
    with room.running() as process:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
    with room.running():
        _status, _cookies, page = room.ask("GET", "/", Cookie=room.sign_in())

    assert "nothing to do" in room.log.read_text()
    assert "Ik twijfel of ik dit nog wil" in page


def test_second_server_on_the_same_port_is_refused(room: Room) -> None:
    with room.running():
        refused = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(room.port)],
            cwd=ROOT,
            env=room.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Port {room.port} is taken")
    assert refused.stderr.count("\n") == 1
