from __future__ import annotations

import datetime as dt
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import outbox, sanctions, tombstone_file
from accounts.detaching import detach
from accounts.models import LEFT_ID, Application, Member, Outgoing, Sanction, Tombstone
from accounts.sessions import SessionStore
from accounts.shelf import read_shelf
from directeurskamer.leaving import leave
from forum import digests, leaving, posting, subscribing
from forum.aliases import is_own
from forum.models import Delivery, Post, ScheduledRemoval, Thread
from moderation import deciding
from moderation.flagging import flag_post
from moderation.models import ReviewItem
from tests.accounts.database import everything
from tests.accounts.entering import give_second_factor, reset_password
from tests.factories import make_member, make_reply, make_thread
from tests.own_room import OwnRoom
from tests.project.test_retention import make_application
from tests.services import free_port

pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "Kwikstaartkanarie"


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def found_in_rows(word: str) -> list[str]:
    return [table for table, rows in everything().items() if word in repr(rows)]


def lose_the_database(room: OwnRoom) -> None:
    """Every table with all its rows, or the file itself."""
    if connection.vendor == "sqlite":
        connection.close()
        for file in Path(room.name).parent.glob("room.sqlite3*"):
            file.unlink()
        return
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(f"DROP TABLE {', '.join(tables)} CASCADE")


@pytest.mark.parametrize("under_alias", [False, True])
def test_an_31_withdrawn_text_stays_gone_after_an_older_backup(
    room: OwnRoom, under_alias: bool
) -> None:
    author, reader = make_member(), make_member()
    thread = make_thread(author, under_alias=under_alias, title=f"{CANARY} of niet?")
    post = make_reply(author, thread, under_alias=under_alias, source=f"{CANARY} " * 90)
    kept = make_reply(reader, thread, answers=post)
    room.backup()
    posting.withdraw_post(by=author, post=post)
    posting.withdraw_post(by=author, post=thread.posts.get(kind="dilemma"))

    told = room.restore()

    assert "2 texts taken away again." in told
    assert found_in_rows(CANARY) == []
    assert CANARY.encode() not in room.raw() if connection.vendor == "sqlite" else True
    states = dict(Post.objects.values_list("pk", "state"))
    assert sorted(states.values()) == ["published", "withdrawn", "withdrawn"]
    assert states[kept.pk] == "published"
    page = Client()
    page.force_login(fresh(reader))
    shown = page.get(f"/dilemmas/{thread.pk}/").content.decode()
    assert CANARY not in shown
    assert f'id="post-{post.pk}"' in shown


def test_an_31_removed_text_stays_removed_and_leaves_the_queue(room: OwnRoom) -> None:
    author, reader = make_member(), make_member()
    moderator = make_member(is_moderator=True)
    give_second_factor(moderator)
    post = make_thread(author).posts.get()
    flag_post(by=reader, post=post, reason="R03")  # type: ignore[arg-type]
    room.backup()
    item = ReviewItem.objects.get()
    deciding.claim(by=moderator, item=item)
    deciding.remove(
        by=moderator,
        item=item,
        version=1,
        reason="R03",  # type: ignore[arg-type]
        message="Dit kan hier niet.",
    )

    assert "1 texts removed again." in room.restore()

    post.refresh_from_db()
    assert (post.state, post.reason) == ("removed", "R03")
    assert ReviewItem.objects.get().state == "closed"
    assert not Thread.objects.get().is_listed


def test_an_31_who_left_is_gone_with_named_texts_as_chosen(room: OwnRoom) -> None:
    stays = make_member("blijft@voorbeeld.nl", "Blijft Kanarie")
    goes = make_member("gaat@voorbeeld.nl", "Gaat Kanarie")
    for author in (stays, goes):
        make_thread(author, source=f"{CANARY} van {author.display_name}. " * 9)
    room.backup()
    leave(by=fresh(stays), keeps_named=True, keeps_anonymous=True)
    leave(by=fresh(goes), keeps_named=False, keeps_anonymous=True)

    assert "2 accounts of leavers deleted again." in room.restore()

    assert list(Member.objects.values_list("pk", flat=True)) == [LEFT_ID]
    for word in (stays.pk, goes.pk, "gaat@voorbeeld.nl", "blijft@voorbeeld.nl"):
        assert found_in_rows(word) == []
    states = Post.objects.order_by("state").values_list("state", "author")
    assert list(states) == [("published", LEFT_ID), ("withdrawn", LEFT_ID)]


def test_an_31_anonymous_texts_of_who_left_go_as_wished(room: OwnRoom) -> None:
    goes, stays = make_member(), make_member()
    posts = [make_thread(m, under_alias=True).posts.get() for m in (goes, goes, stays)]
    room.backup()
    leave(by=goes, keeps_named=True, keeps_anonymous=False)
    leave(by=stays, keeps_named=True, keeps_anonymous=True)
    due = ScheduledRemoval.objects.get(pk=posts[0].pk).due_at
    ScheduledRemoval.objects.exclude(pk=posts[0].pk).delete()
    assert leaving.remove_due(due) == 1

    room.restore()

    states = [Post.objects.get(pk=post.pk).state for post in posts]
    assert states == ["withdrawn", "published", "published"]
    assert [row.pk for row in ScheduledRemoval.objects.all()] == [posts[1].pk]


def by_wish(member: Member) -> None:
    detach(member)


def by_mailbox(member: Member) -> None:
    reset_password(Client(), member.email, "een heel andere kamer")


@pytest.mark.parametrize("way", [by_wish, by_mailbox])
def test_an_31_replaced_secret_is_replaced_again_and_sanctions_hold(
    room: OwnRoom, way: Any
) -> None:
    author = make_member()
    thread = make_thread(author, under_alias=True)
    post = thread.posts.get()
    subscribing.follow(by=author, thread=thread, on=True)
    until = timezone.localdate() + dt.timedelta(20)
    assert post.alias
    sanctions.sanction_alias(
        thread.scope,
        post.alias.tag,
        kind=Sanction.Kind.PAUSE_WRITING,
        until=until,
        ground="R03",
    )
    room.backup()
    way(fresh(author))

    assert "1 secrets replaced again." in room.restore()

    assert not is_own(fresh(author), post)
    assert sanctions.paused_until(fresh(author)) == until
    assert read_shelf(fresh(author)).followed == {thread.pk}


def test_an_31_secret_that_came_after_stays_whatever_is_restored(room: OwnRoom) -> None:
    author = make_member()
    first = make_thread(author, under_alias=True).posts.get()
    older = room.backup(room.folder / "older")
    detach(author)
    second = make_thread(fresh(author), under_alias=True).posts.get()
    newer = room.backup(room.folder / "newer")

    assert "1 secrets replaced again." in room.restore(older)
    assert "0 secrets replaced again." in room.restore(newer)
    assert "0 secrets replaced again." in room.restore(newer)

    assert not is_own(fresh(author), first)
    assert is_own(fresh(author), second)


def test_an_31_applicant_who_was_refused_is_gone_again(room: OwnRoom) -> None:
    applicant = make_member("aanvrager@voorbeeld.nl", admitted_days_ago=None)
    member = make_member()
    application = make_application(applicant, 31)
    application.state = Application.State.REFUSED
    application.save()
    room.backup()
    call_command("purge", verbosity=0)
    assert not Member.objects.filter(pk=applicant.pk).exists()

    assert "1 refused or unproven applicants deleted again." in room.restore()

    assert list(Member.objects.all()) == [member]


def test_an_31_file_of_tombstones_is_enough_when_the_database_is_lost(
    room: OwnRoom,
) -> None:
    author = make_member()
    post = make_thread(author, under_alias=True, source=f"{CANARY} " * 40).posts.get()
    room.backup()
    posting.withdraw_post(by=author, post=post)
    assert tombstone_file.keep_outside() == 1
    lose_the_database(room)

    told = room.restore()

    assert "There is no database that tells what was deleted" in told
    assert "1 texts taken away again." in told
    assert found_in_rows(CANARY) == []
    # The room remembers it from here on, and so does its next backup.
    assert set(tombstone_file.read()) <= set(
        Tombstone.objects.values_list("pk", flat=True)
    )


def test_what_came_after_the_backup_is_gone_and_twice_is_as_once(room: OwnRoom) -> None:
    member = make_member()
    post = make_thread(member, under_alias=True).posts.get()
    room.backup()
    posting.withdraw_post(by=member, post=post)
    make_thread(make_member())

    room.restore()
    once = {m: set(m.objects.values_list("pk", flat=True)) for m in (Member, Post)}
    again = room.restore()

    assert once == {Member: {member.pk}, Post: {post.pk}}
    assert {m: set(m.objects.values_list("pk", flat=True)) for m in once} == once
    assert "1 texts taken away again." in again


def test_sessions_end_and_no_mail_goes_twice(
    room: OwnRoom, time_machine: Any, mailoutbox: list[Any]
) -> None:
    time_machine.move_to("2026-11-25 13:00+01:00")
    reader = make_member(digest_frequency="wednesday")
    make_thread(make_member())
    client = Client()
    client.force_login(reader)
    digests.plan(timezone.now())
    Outgoing.objects.create(recipient=reader.email, subject="Welkom", text="Welkom")
    room.backup()
    time_machine.move_to("2026-11-26 13:00+01:00")

    room.restore()

    assert outbox.send_waiting() == digests.run().sent == 0
    time_machine.move_to("2026-12-02 13:00+01:00")
    assert outbox.send_waiting() == digests.run().sent == 0
    assert mailoutbox == []
    assert not SessionStore.get_model_class()._default_manager.exists()
    assert client.get("/mine/").status_code == 302
    assert set(Delivery.objects.values_list("state", flat=True)) == {"skipped"}


# Restores, and kills its own process before the first thing that has the given words:
# a statement, or an event of Python's own.
KILLED_AT = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection
def stop_at(words):
    if sys.argv[1] in words:
        os.kill(os.getpid(), signal.SIGKILL)
def asked(execute, sql, params, many, context):
    stop_at(sql)
    return execute(sql, params, many, context)
def happened(event, given):
    if event in ("os.link", "os.rename", "subprocess.Popen"):
        stop_at(f"{event} {given[:2]}")
sys.addaudithook(happened)
with connection.execute_wrapper(asked):
    call_command("restore", sys.argv[2])
"""
ON_SQLITE = pytest.mark.sqlite
ON_POSTGRES = pytest.mark.postgres


# Where it is killed, and the last that it said before.
PLACES = [
    ('UPDATE "forum_post"', "The backup is laid out."),
    ('INSERT INTO "accounts_tombstone"', "The backup is laid out."),
    ('DELETE FROM "django_session"', "0 refused or unproven applicants deleted again."),
    pytest.param("VACUUM", "0 waiting digests skipped.", marks=ON_SQLITE),
    pytest.param("os.link", "The log is empty.", marks=ON_SQLITE),
    pytest.param("os.rename", "The log is empty.", marks=ON_SQLITE),
    # While the backup is being read in, with nothing committed.
    pytest.param(
        "'--no-owner', '--no-privileges', '--file=-'",
        "1 tombstones taken over from the present database.",
        marks=ON_POSTGRES,
    ),
    pytest.param("CLUSTER", "0 waiting digests skipped.", marks=ON_POSTGRES),
    pytest.param("DROP TABLE", "Dead rows given back.", marks=ON_POSTGRES),
]


@pytest.mark.parametrize(("words", "last"), PLACES)
def test_an_31_kill_at_any_place_leaves_the_old_database_or_a_closed_room(
    room: OwnRoom, words: str, last: str
) -> None:
    author = make_member()
    post = make_thread(author, under_alias=True, source=f"{CANARY} " * 40).posts.get()
    room.backup()
    posting.withdraw_post(by=author, post=post)
    after = make_thread(author)

    killed = room.run("-uc", KILLED_AT, words, str(room.backup_file))

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout.splitlines()[-1] == last
    if connection.vendor == "sqlite":
        assert Thread.objects.filter(pk=after.pk).exists()
        assert found_in_rows(CANARY) == []
    else:
        refused = room.run("manage.py", "serve", "--port", str(free_port()))
        assert refused.returncode == 1
        assert refused.stderr.startswith("A backup was restored in part: run ")
    assert "1 texts taken away again." in room.restore()
    assert found_in_rows(CANARY) == []
    assert not Thread.objects.filter(pk=after.pk).exists()


def test_an_31_without_a_key_ring_nothing_is_restored(
    room: OwnRoom, settings: Any
) -> None:
    author = make_member()
    post = make_thread(author).posts.get()
    room.backup()
    posting.withdraw_post(by=author, post=post)
    ring = settings.ALIAS_KEYS

    for keys, words in (((), "is missing"), ((b"x" * 32,), "does not open every")):
        settings.ALIAS_KEYS = keys
        with pytest.raises(CommandError, match=f"DK_ALIAS_KEYS {words}"):
            room.restore()
        assert Post.objects.get().state == "withdrawn"

    settings.ALIAS_KEYS = ring
    room.restore()
    assert Post.objects.get().state == "withdrawn"


def test_without_tombstones_a_restore_needs_no_key_ring(
    room: OwnRoom, settings: Any
) -> None:
    make_thread(make_member())
    room.backup()
    settings.ALIAS_KEYS = ()

    room.restore()

    assert Thread.objects.count() == 1


def test_an_31_tombstones_show_neither_who_nor_what_nor_when(room: OwnRoom) -> None:
    author, leaver = make_member(), make_member()
    post = make_thread(author, under_alias=True).posts.get()
    posting.withdraw_post(by=author, post=post)
    detach(author)
    leave(by=leaver, keeps_named=False, keeps_anonymous=False)
    tombstone_file.keep_outside()

    rows = {row.pk: bytes(row.sealed) for row in Tombstone.objects.all()}

    assert len(rows) == 3
    assert {(len(key), len(sealed)) for key, sealed in rows.items()} == {(32, 108)}
    assert {field.name for field in Tombstone._meta.get_fields()} == {"tag", "sealed"}
    copy = room.backup().read_bytes() if connection.vendor == "sqlite" else b""
    outside = (room.folder / "outside" / "tombstones").read_bytes()
    shown = repr(rows).encode() + outside
    today = timezone.localdate()
    for word in (
        author.pk,
        leaver.pk,
        post.pk,
        "withdrawn",
        str(today),
        str(today.year),
    ):
        assert word.encode() not in shown
    assert leaver.pk.encode() not in copy
    lines = outside.splitlines()
    assert {len(line) for line in lines} == {32 + 1 + 144}
    assert lines == sorted(lines)
    mode = os.stat(room.folder / "outside" / "tombstones").st_mode
    assert mode & 0o777 == 0o600
