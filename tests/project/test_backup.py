from __future__ import annotations

import datetime as dt
import shutil
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.models import Member
from directeurskamer import backups, occupancy
from forum.models import Post, Thread
from tests.accounts.database import everything
from tests.factories import make_member, make_thread
from tests.own_room import OwnRoom
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "kanarie-in-de-mijn"  # noqa: S105 - nobody asks for it


def test_backup_is_readable_by_its_owner_only_and_holds_no_key(room: OwnRoom) -> None:
    make_thread(make_member())

    content = room.backup().read_bytes()

    assert stat.S_IMODE(room.backup_file.stat().st_mode) == 0o600
    assert b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" not in content
    assert list(room.folder.glob("*.part")) == []


def test_backup_overwrites_nothing(room: OwnRoom) -> None:
    first = room.backup().read_bytes()
    make_member()

    with pytest.raises(CommandError, match="overwrites nothing"):
        room.backup()

    assert room.backup_file.read_bytes() == first


def test_backup_beside_another_one_is_refused(room: OwnRoom) -> None:
    part = room.folder / "backup.part"
    part.touch()

    with pytest.raises(CommandError, match="another backup is at work"):
        room.backup()

    assert part.exists()
    assert not room.backup_file.exists()


def test_folder_that_is_not_there_is_told_in_one_sentence(room: OwnRoom) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        room.backup(room.folder / "nowhere" / "backup")


def test_backup_gives_back_every_row(room: OwnRoom) -> None:
    author = make_member()
    make_thread(author, under_alias=True)
    make_thread(author)
    emptied = {"forum_edition", "django_migrations", "restore_under_way"}
    before = everything()
    room.backup()
    Post.objects.update(source="verloren")

    told = room.restore()

    after = everything()
    for name in before.keys() - emptied:
        assert after[name] == before[name], name
    assert before.keys() == after.keys()
    assert told.splitlines()[-1] == "The backup is in place."


def test_backup_is_whole_while_people_write(room: OwnRoom) -> None:
    writers = [make_member() for _ in range(3)]
    stop = threading.Event()

    def write(member: Member) -> None:
        try:
            while not stop.is_set():
                make_member()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[member]) for member in writers]
    for thread in threads:
        thread.start()
    try:
        files = [room.backup(room.folder / f"backup-{n}") for n in range(3)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for file in files:
        room.restore(file)
        # A member and what is made in the same transaction.
        assert Member.objects.filter(membersecret=None).count() == 0
        assert Member.objects.filter(shelf=None).count() == 0


def cut_off(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * 2 // 3])


def foreign(file: Path) -> None:
    file.write_bytes(b"PGDMP and nothing more\n" * 40)


def emptied(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut_off, foreign, emptied])
def test_what_is_no_complete_backup_is_refused(
    room: OwnRoom, damage: Callable[[Path], None]
) -> None:
    make_thread(make_member())
    damage(room.backup())

    with pytest.raises(CommandError, match="is no complete backup of a room on"):
        room.restore()

    assert Thread.objects.count() == 1


@pytest.mark.sqlite
def test_raw_copy_of_a_database_is_refused(room: OwnRoom) -> None:
    connection.close()
    shutil.copy(room.name, room.backup_file)

    with pytest.raises(CommandError, match="is no complete backup"):
        room.restore()


def test_backup_of_a_newer_version_is_refused(room: OwnRoom) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('forum', '0999_later', '2026-11-22')"
        )
    room.backup()

    with pytest.raises(CommandError, match="does not know forum 0999_later"):
        room.restore()


def test_backup_of_an_older_version_is_migrated(room: OwnRoom) -> None:
    call_command("migrate", "accounts", "0002", verbosity=0)
    # What the older version would have called.
    backups.make(room.backup_file)
    call_command("migrate", verbosity=0)
    member = make_member()

    room.restore()

    assert "accounts_tombstone" in connection.introspection.table_names()
    assert not Member.objects.filter(pk=member.pk).exists()


def test_backup_older_than_what_is_remembered_is_refused(
    room: OwnRoom, time_machine: Any
) -> None:
    room.backup()
    now = timezone.now()
    time_machine.move_to(now + dt.timedelta(90))
    room.restore()

    time_machine.move_to(now + dt.timedelta(92))
    with pytest.raises(CommandError, match="older than 90 days"):
        room.restore()


@pytest.mark.sqlite
def test_replaced_databases_are_kept_each_under_a_name(room: OwnRoom) -> None:
    room.backup()
    first, second = make_member(), make_member()
    Member.objects.exclude(pk=first.pk).delete()

    room.restore()
    room.restore()

    kept = sorted(file.name for file in room.folder.glob("*before-restore*"))
    assert kept == ["room.sqlite3.before-restore", "room.sqlite3.before-restore-2"]
    assert first.pk.encode() in (room.folder / kept[0]).read_bytes()
    assert second.pk.encode() not in room.raw()


@pytest.mark.sqlite
def test_log_of_the_replaced_database_is_not_read_into_the_new_one(
    room: OwnRoom,
) -> None:
    room.backup()
    # A process that was killed leaves its log behind.
    code = (
        "import os, django; django.setup(); from tests.factories import make_member; "
        "make_member('wal@voorbeeld.nl'); os._exit(0)"
    )
    assert room.run("-c", code).returncode == 0
    assert Path(f"{room.name}-wal").stat().st_size > 0

    room.restore()

    assert not Member.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone() == ("ok",)


@pytest.mark.sqlite
def test_broken_database_is_replaced_and_kept(room: OwnRoom) -> None:
    make_thread(make_member())
    room.backup()
    connection.close()
    Path(room.name).write_bytes(b"broken " * 1000)

    told = room.restore()

    assert "There is no database that tells what was deleted" in told
    assert Thread.objects.count() == 1
    kept = Path(f"{room.name}.before-restore")
    assert kept.read_bytes().startswith(b"broken")


def serve(room: OwnRoom) -> str:
    answer = room.run("manage.py", "serve", "--port", str(free_port()))
    assert answer.returncode == 1
    return answer.stderr


@pytest.mark.sqlite
def test_room_is_served_or_restored_and_never_both(room: OwnRoom) -> None:
    room.backup()

    with occupancy.served(), pytest.raises(CommandError, match="is being served"):
        room.restore()
    with occupancy.restored():
        assert serve(room) == "A backup is being restored: wait until it is done.\n"
    room.restore()


@pytest.mark.postgres
def test_database_that_others_use_is_not_replaced(room: OwnRoom) -> None:
    room.backup()
    other = connection.copy()
    other.ensure_connection()

    with pytest.raises(CommandError, match="1 other connections use this database"):
        room.restore()

    other.close()
    # The refusal left no mark.
    with occupancy.served():
        room.restore()


@pytest.mark.postgres
def test_half_restored_database_gives_no_backup(room: OwnRoom) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {occupancy.MARK} (is_replaced boolean)")

    with pytest.raises(CommandError, match="is half restored"):
        room.backup()

    assert list(room.folder.glob("backup*")) == []


@pytest.mark.postgres
def test_failure_while_reading_in_leaves_the_old_database_open(room: OwnRoom) -> None:
    room.backup()
    make_thread(make_member())
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$"
        )
        cursor.execute(
            "CREATE EVENT TRIGGER refuses ON ddl_command_start "
            "WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION refuse()"
        )

    with pytest.raises(CommandError, match=r"not restored: .*the disk is full"):
        room.restore()

    assert Thread.objects.count() == 1
    with occupancy.served():
        pass


def test_password_is_on_no_command_line(room: OwnRoom) -> None:
    seen: list[str] = []
    is_open = [True]

    def look(event: str, given: tuple[object, ...]) -> None:
        if is_open[0] and event == "subprocess.Popen":
            seen.append(repr(given[:2]))

    sys.addaudithook(look)
    before = connection.settings_dict["PASSWORD"]
    connection.settings_dict["PASSWORD"] = PASSWORD
    try:
        room.backup()
        room.restore()
    finally:
        is_open[0] = False
        connection.settings_dict["PASSWORD"] = before

    assert len(seen) >= (0 if connection.vendor == "sqlite" else 6)
    assert PASSWORD not in "".join(seen)
