from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from accounts import tombstone_file, tombstones
from accounts.models import Tombstone
from accounts.readiness import KeyRingMissing
from accounts.tombstones import Kind
from directeurskamer import retention, serving

pytestmark = pytest.mark.django_db
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    settings.TOMBSTONES = tmp_path / "outside" / "tombstones"
    return tmp_path / "outside" / "tombstones"


def write(target: str) -> str:
    before = set(tombstones.rows())
    tombstones.write(Kind.WITHDRAWN, target)
    (key,) = set(tombstones.rows()) - before
    return key


def test_row_copied_under_another_key_does_not_open() -> None:
    one, other = write("a"), write("b")
    rows = tombstones.rows()

    assert tombstones.opened(one, rows[one]).target == "a"
    with pytest.raises(InvalidTag):
        tombstones.opened(other, rows[one])


def test_tombstone_without_a_ring_is_refused(settings: Any) -> None:
    settings.ALIAS_KEYS = ()

    with pytest.raises(KeyRingMissing):
        tombstones.write(Kind.WITHDRAWN, "a")


def test_rows_are_kept_outside_once(file: Path) -> None:
    write("a")
    write("b")

    assert [tombstone_file.keep_outside() for _ in range(2)] == [2, 0]
    write("c")
    assert [tombstone_file.keep_outside() for _ in range(2)] == [1, 0]

    assert tombstone_file.read() == tombstones.rows()


@pytest.mark.parametrize("length", [1, 32, 33, 100, 176])
def test_torn_last_line_is_no_line_and_is_written_again(
    file: Path, length: int
) -> None:
    write("a")
    tombstone_file.keep_outside()
    whole = file.read_bytes()
    torn = write("b")
    tombstone_file.keep_outside()
    file.write_bytes(file.read_bytes()[: len(whole) + length])
    kept = tombstone_file.read()
    rows = tombstones.rows()

    assert kept.items() < rows.items()
    assert len(kept) == 1
    assert tombstone_file.keep_outside() == 1
    assert tombstone_file.read() == rows
    assert torn in rows


def test_tombstones_outlive_every_backup_and_the_others_lie_in_order(
    file: Path, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    old = [write("a") for _ in range(5)]
    retention.keep_tombstones()
    time_machine.move_to("2027-02-23 09:00+01:00")
    young = [write("a") for _ in range(5)]

    assert tombstones.renew() == 0
    retention.keep_tombstones()
    assert tombstone_file.read().keys() == {*old, *young}
    keys = [line[:32].decode() for line in file.read_bytes().splitlines()]
    assert keys == sorted(keys)

    time_machine.move_to("2027-02-24 09:00+01:00")
    assert tombstones.renew() == 5
    retention.keep_tombstones()
    assert tombstones.rows().keys() == tombstone_file.read().keys() == {*young}


def test_row_and_line_move_to_the_first_key_of_the_ring(
    file: Path, settings: Any
) -> None:
    settings.ALIAS_KEYS = (OLD,)
    key = write("a")
    tombstone_file.keep_outside()
    settings.ALIAS_KEYS = (NEW, OLD)

    tombstones.renew()
    retention.keep_tombstones()

    settings.ALIAS_KEYS = (NEW,)
    assert tombstones.opened(key, tombstones.rows()[key]).target == "a"
    assert tombstones.opened(key, tombstone_file.read()[key]).target == "a"


def test_another_ring_or_none_deletes_nothing(
    file: Path, settings: Any, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    write("a")
    retention.keep_tombstones()
    time_machine.move_to("2027-11-23 09:00+01:00")

    for ring in ((), (NEW,)):
        settings.ALIAS_KEYS = ring
        assert tombstones.renew() == 0
        retention.keep_tombstones()

        assert len(tombstone_file.read()) == Tombstone.objects.count() == 1


def test_file_that_cannot_be_written_stops_neither_purge_nor_worker(
    tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "outside").touch()
    settings.TOMBSTONES = tmp_path / "outside" / "tombstones"
    write("a")

    assert "cannot be written" in retention.keep_tombstones()
    assert tombstone_file.keep_outside in [job for _every, job in serving.JOBS]
