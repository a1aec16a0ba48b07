"""How long accounts keep what they no longer need."""

from __future__ import annotations

import datetime as dt

from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import readiness, tombstones
from accounts.joining import INVITATION_DAYS
from accounts.models import Application, Invitation, Member, Outgoing

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


def drop_refused_and_unproven() -> int:
    """Delete who was refused 30 days ago, and accounts whose address nobody proved.

    Returns how many members went; with each go application, secret and shelf. None
    without a key ring: each leaves a tombstone.
    """
    if not readiness.is_ready():
        return 0
    until = timezone.localdate() - dt.timedelta(PROOF_DAYS)
    refused = Q(
        application__state=Application.State.REFUSED, application__decided_on__lte=until
    )
    unproven = Q(application__sent_on__lte=until) & ~Q(emailaddress__verified=True)
    gone = Member.objects.filter(refused | unproven, admitted_on=None)
    ids = list(gone.values_list("pk", flat=True).distinct())
    with transaction.atomic():
        for member_id in ids:
            tombstones.write(tombstones.Kind.REFUSED, member_id)
        Member.objects.filter(pk__in=ids).delete()
    return len(ids)


def drop_given_up_mail() -> int:
    """Delete mails that were given up 30 days ago; returns how many."""
    until = timezone.now() - dt.timedelta(PROOF_DAYS)
    return Outgoing.objects.filter(
        state=Outgoing.State.GIVEN_UP, due_at__lte=until
    ).delete()[0]


def drop_old_invitations() -> int:
    """Delete invitations that no longer open the door; returns how many."""
    until = timezone.localdate() - dt.timedelta(INVITATION_DAYS)
    return Invitation.objects.filter(made_on__lt=until).delete()[0]


def drop_ended_sessions() -> None:
    """Delete sessions whose day has passed."""
    SessionStore.clear_expired()
