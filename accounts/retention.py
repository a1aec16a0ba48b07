"""How long accounts keep what they no longer need."""

from __future__ import annotations

import datetime as dt

from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q
from django.utils import timezone

from accounts.joining import INVITATION_DAYS
from accounts.models import Application, Invitation

PROOF_DAYS = 30


def erase_proof() -> int:
    """Empty what applicants told for the check, 30 days after the decision.

    The board stays: it keeps a moderator of that board from judging named texts.
    Returns how many applications were emptied; a second call finds none.
    """
    until = timezone.localdate() - dt.timedelta(PROOF_DAYS)
    kept = Q(full_name="", work_note="", proof_note="", school="", motivation="")
    return (
        Application.objects.filter(decided_on__lte=until)
        .exclude(kept)
        .update(full_name="", work_note="", proof_note="", school="", motivation="")
    )


def drop_old_invitations() -> int:
    """Delete invitations that no longer open the door; returns how many."""
    until = timezone.localdate() - dt.timedelta(INVITATION_DAYS)
    return Invitation.objects.filter(made_on__lt=until).delete()[0]


def drop_ended_sessions() -> None:
    """Delete sessions whose day has passed."""
    SessionStore.clear_expired()
