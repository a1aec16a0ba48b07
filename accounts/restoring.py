"""What accounts do over, and end, when an older backup is restored."""

from __future__ import annotations

from accounts import closing, detaching
from accounts.models import Member, Outgoing
from accounts.sessions import SessionStore


def detach_again(member_id: str, mark: str) -> bool:
    """Replace the secret with that ``mark`` if a backup brought it back."""
    member = Member.objects.filter(pk=member_id).first()
    return member is not None and detaching.detach_again(member, mark)


def refuse_again(member_id: str) -> bool:
    """Delete who applied and was refused, if a backup brought them back.

    Who is a member there stays: then the refusal is of another past than this one.
    """
    member = Member.objects.filter(pk=member_id, admitted_on=None).first()
    if member is not None:
        closing.close(member)
    return member is not None


def end_sessions() -> int:
    """Sign everybody out; returns how many sessions there were."""
    return SessionStore.get_model_class()._default_manager.all().delete()[0]


def drop_mail() -> int:
    """Delete the mail that waited: it went out long ago. Returns how many."""
    return Outgoing.objects.all().delete()[0]
