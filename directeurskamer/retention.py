"""What goes when its time is over: one function per app and kind."""

from __future__ import annotations

from collections.abc import Iterator

from accounts import retention as accounts_retention
from accounts import tidying
from forum import posting


def purge() -> Iterator[str]:
    """Delete what has been kept long enough; one line per kind. Safe to run twice."""
    yield f"{accounts_retention.erase_proof()} applications emptied of their proof."
    yield f"{accounts_retention.drop_old_invitations()} old invitations deleted."
    yield f"{posting.drop_used_form_keys()} used form keys deleted."
    accounts_retention.drop_ended_sessions()
    yield "Ended sessions deleted."
    # Last, so that what was deleted just now is wiped as well.
    yield from tidying.tidy()
