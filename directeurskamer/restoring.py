"""An older backup takes the place of the database: what was deleted since is deleted
again, and secrets that were replaced are replaced again, before the room opens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from accounts import readiness, tidying, tombstone_file, tombstones
from accounts import restoring as accounts_restoring
from accounts.tombstones import Deletion, Kind
from directeurskamer import backups, leaving, occupancy
from forum import restoring as forum_restoring
from moderation import restoring as moderation_restoring

Act = Callable[[Deletion], bool]
# What is done again, in this order: texts are gone before their authors, and who got
# a new secret before leaving takes no texts along that were theirs no longer.
AGAIN: tuple[tuple[Kind, Act, str], ...] = (
    (
        Kind.WITHDRAWN,
        lambda gone: forum_restoring.take_away_again(gone.target),
        "texts taken away again",
    ),
    (
        Kind.REMOVED,
        lambda gone: moderation_restoring.remove_again(gone.target, gone.detail),
        "texts removed again",
    ),
    (
        Kind.DETACHED,
        lambda gone: accounts_restoring.detach_again(gone.target, gone.detail),
        "secrets replaced again",
    ),
    (
        Kind.LEFT,
        lambda gone: leaving.leave_again(gone.target, gone.detail),
        "accounts of leavers deleted again",
    ),
    (
        Kind.REFUSED,
        lambda gone: accounts_restoring.refuse_again(gone.target),
        "refused or unproven applicants deleted again",
    ),
)


def restore(file: Path) -> Iterator[str]:
    """Put the backup in ``file`` in the place of the database; one line per thing done.

    Safe to run twice, and after it was broken off: it begins anew. Raises CommandError
    when something is refused, and OccupiedError while the room is served.
    """
    _check(file)
    with occupancy.restored():
        yield _save_present()
        kept = tombstone_file.read()
        deletions = _opened(kept)
        if not kept:
            yield "No tombstones are known: what was deleted since may come back."
        with backups.laid_out(file):
            yield "The backup is laid out."
            call_command("migrate", interactive=False, verbosity=0)
            yield from _do_again(deletions)
            tombstones.put_back(kept)
            yield f"{accounts_restoring.end_sessions()} sessions ended."
            yield f"{accounts_restoring.drop_mail()} waiting mails dropped."
            yield f"{forum_restoring.pass_over_digests()} waiting digests skipped."
            yield from tidying.tidy()
    yield "The backup is in place."


def _check(file: Path) -> None:
    """Refuse what is no backup, too new for this version, or too old to be made good."""
    contents = backups.look(file)
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    known = set(disk)
    for migration in disk.values():
        known |= set(migration.replaces)
    if newer := sorted(contents.migrations - known):
        raise CommandError(
            f"{file} is from a newer version: this one does not know "
            f"{newer[0][0]} {newer[0][1]}."
        )
    if contents.day < timezone.localdate() - dt.timedelta(
        tombstones.OLDEST_BACKUP_DAYS
    ):
        raise CommandError(
            f"{file} is older than {tombstones.OLDEST_BACKUP_DAYS} days: what was "
            "deleted since is not known any more."
        )


def _save_present() -> str:
    """Put the tombstones of the database that is replaced where they outlive it."""
    present = connection.settings_dict["NAME"]
    try:
        if connection.vendor == "sqlite" and not Path(present).exists():
            raise DatabaseError
        new = tombstone_file.keep_outside()
    except DatabaseError:
        return (
            "There is no database that tells what was deleted: the tombstones in "
            f"{settings.TOMBSTONES} count."
        )
    except OSError as error:
        raise CommandError(
            f"The file {settings.TOMBSTONES} cannot be written: {error.strerror}."
        ) from None
    return f"{new} tombstones taken over from the present database."


def _opened(kept: dict[str, bytes]) -> set[Deletion]:
    """What the tombstones say; raises CommandError when the ring does not open them."""
    if kept and not readiness.is_ready():
        raise CommandError(
            "DK_ALIAS_KEYS is missing: without it nobody knows what was deleted since."
        )
    try:
        return {tombstones.opened(key, sealed) for key, sealed in kept.items()}
    except InvalidTag:
        raise CommandError(
            "DK_ALIAS_KEYS does not open every tombstone: put the keys back that were "
            "in it before."
        ) from None


def _do_again(deletions: set[Deletion]) -> Iterator[str]:
    for kind, act, words in AGAIN:
        mine = [gone for gone in deletions if gone.kind == kind]
        # In any order but that in which they happened.
        mine.sort(key=lambda gone: (gone.target, gone.detail))
        try:
            yield f"{sum(map(act, mine))} {words}."
        except InvalidTag:
            raise CommandError(
                "DK_ALIAS_KEYS does not open the secrets in this backup: put the keys "
                "of its time back."
            ) from None
