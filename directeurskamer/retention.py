"""What goes when its time is over: one function per app and kind."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from accounts import retention as accounts_retention
from accounts import sanctions, tidying, tombstone_file, tombstones
from forum import posting, search
from moderation import deciding, unsealing


def purge() -> Iterator[str]:
    """Delete what has been kept long enough; one line per kind. Safe to run twice."""
    yield f"{accounts_retention.erase_proof()} applications emptied of their proof."
    gone = accounts_retention.drop_refused_and_unproven()
    yield f"{gone} refused or unproven applicants deleted."
    yield f"{accounts_retention.drop_given_up_mail()} mails that never went deleted."
    yield f"{deciding.release_lapsed()} claims that ran out given back."
    yield f"{accounts_retention.drop_old_invitations()} old invitations deleted."
    yield f"{posting.drop_used_form_keys()} used form keys deleted."
    yield f"{sanctions.drop_ended()} ended sanctions deleted."
    # Every night: a night in which they change must not tell of a replaced secret.
    yield f"{sanctions.reseal()} sanctions sealed anew."
    yield f"{unsealing.expire()} requests to unseal expired."
    yield f"{tombstones.renew()} tombstones older than every backup deleted."
    yield keep_tombstones()
    accounts_retention.drop_ended_sessions()
    yield "Ended sessions deleted."
    yield search.tidy()
    # Last, so that what was deleted just now is wiped as well.
    yield from tidying.tidy()


def keep_tombstones() -> str:
    """Bring the file of tombstones up to date; one line, also when that fails."""
    try:
        kept = tombstone_file.keep_outside()
        tombstone_file.renew()
    except OSError as error:
        return (
            f"The file {settings.TOMBSTONES} cannot be written: {error.strerror}. "
            "A lost database would take its tombstones along."
        )
    return f"{kept} tombstones kept outside the database."
