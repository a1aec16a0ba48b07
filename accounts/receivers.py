"""Listens to signing in, signing out and new passwords."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import (
    email_confirmed,
    password_changed,
    password_reset,
)
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.detaching import detach
from accounts.models import Application, Member
from accounts.permissions import has_second_factor
from accounts.signals import access_ended, application_sent


@receiver(user_logged_in)
def keep_the_day(user: Member, **kwargs: Any) -> None:
    today = timezone.localdate()
    if user.last_signed_in_on != today:
        user.last_signed_in_on = today
        user.save(update_fields=["last_signed_in_on"])


@receiver(pre_save, sender=Authenticator)
def keep_the_day_of_a_factor(instance: Authenticator, **kwargs: Any) -> None:
    """The library keeps moments, also of each sign-in; here the day is enough."""
    for name in ("created_at", "last_used_at"):
        if moment := getattr(instance, name):
            day = timezone.localtime(moment).replace(
                hour=0, minute=0, second=0, microsecond=0
            )
            setattr(instance, name, day)


@receiver(email_confirmed)
def offer_application(email_address: EmailAddress, **kwargs: Any) -> None:
    """Moderators see an application when its address is proven, not before."""
    application = Application.objects.filter(
        member_id=email_address.user_id, state=Application.State.OPEN
    ).first()
    if application is not None:
        application_sent.send(sender=None, application=application)


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
