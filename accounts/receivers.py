"""Listens to signing in, signing out and new passwords."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.detaching import detach
from accounts.models import Member
from accounts.permissions import has_second_factor
from accounts.signals import access_ended


@receiver(user_logged_in)
def keep_the_day(user: Member, **kwargs: Any) -> None:
    today = timezone.localdate()
    if user.last_signed_in_on != today:
        user.last_signed_in_on = today
        user.save(update_fields=["last_signed_in_on"])


@receiver(user_logged_out)
def end_session(request: HttpRequest, user: Member | None, **kwargs: Any) -> None:
    if user is not None:
        access_ended.send(
            sender=None,
            member_id=user.pk,
            session_key=request.session.session_key,
        )


@receiver(password_changed)
def end_other_sessions(user: Member, **kwargs: Any) -> None:
    access_ended.send(sender=None, member_id=user.pk, session_key=None)


@receiver(password_reset)
def recover_by_mailbox(user: Member, **kwargs: Any) -> None:
    """A mailbox was the only new proof: the tie to anonymous texts goes."""
    if not has_second_factor(user):
        detach(user)
    access_ended.send(sender=None, member_id=user.pk, session_key=None)
