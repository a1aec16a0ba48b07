"""Closing an account for good: every row that leads to the member goes."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.drafts import drop_draft, list_drafts
from accounts.models import LEFT_ID, Invitation, Member, Outgoing
from accounts.sessions import end_sessions
from accounts.signals import access_ended


def left_member() -> Member:
    """The author of named texts whose writer left: one row for all of them.

    A post has exactly one kind of author, and the database refuses neither. A row of
    its own for each leaver would keep their texts together under a new number, and an
    alias would make named texts look anonymous. So all of them get the same closed
    row: no address, no password that anybody has, no secret, never admitted. Its key
    is a word that no random id can be. It is made when somebody leaves for the first
    time: a room that nobody left has no such row.
    """
    member, _is_new = Member.objects.get_or_create(
        pk=LEFT_ID,
        defaults={
            "email": "",
            "display_name": "",
            "password": make_password(None),
            "is_active": False,
        },
    )
    return member


def close(member: Member) -> None:
    """Delete the account: secret, shelf, drafts, application, addresses, sessions, mail.

    The caller has seen to what points at the member from outside; named texts must
    have another author by now. Rows under old tags (locks, read marks, flags) stay:
    without the secret they lead to nobody, and deleting them together would tell that
    they belong together. Sockets close after commit. Raises KeyRingMissing without a
    key ring.
    """
    with transaction.atomic():
        for draft in list_drafts(member):
            drop_draft(member, draft.ref)
        addresses = {
            member.email,
            *EmailAddress.objects.filter(user=member).values_list("email", flat=True),
        }
        Invitation.objects.filter(email__in=addresses).delete()
        Outgoing.objects.filter(recipient__in=addresses).delete()
        end_sessions(member.pk)
        # By its key: the object keeps its id, which the sockets are found by.
        Member.objects.filter(pk=member.pk).delete()
        access_ended.send(sender=None, member_id=member.pk, session_key=None)
