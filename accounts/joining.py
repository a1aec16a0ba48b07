"""Making a member: by application or by invitation."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets as random_source

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mail, readiness
from accounts.models import Application, Invitation, Member
from accounts.secrets import make_secret
from accounts.shelf import make_shelf

INVITATION_DAYS = 30


def make_member(member: Member) -> Member:
    """Save a new member with their secret and shelf, all or nothing.

    Raises KeyRingMissing without a key ring: joining is closed then.
    """
    with transaction.atomic():
        member.save(force_insert=True)
        make_secret(member)
        make_shelf(member)
    return member


def is_open() -> bool:
    """Whether somebody can join now."""
    return readiness.is_ready()


def admit(*, application: Application) -> None:
    """Admit the applicant and say welcome; conditional on the open state.

    Raises ValidationError when somebody decided before.
    """
    with transaction.atomic():
        _close(application, Application.State.ADMITTED)
        member = application.member
        member.admitted_on = timezone.localdate()
        member.save(update_fields=["admitted_on"])
        mail.write(
            member.email,
            "accounts/emails/welcome",
            {"name": member.display_name, "address": _address("forum:thread_list")},
            language=member.language,
        )


def refuse(*, application: Application, message: str) -> None:
    """Refuse the applicant with ``message`` as the reason; same rules as `admit`."""
    with transaction.atomic():
        _close(application, Application.State.REFUSED)
        member = application.member
        mail.write(
            member.email,
            "accounts/emails/refused",
            {"name": member.display_name, "reason": message},
            language=member.language,
        )


def _close(application: Application, state: Application.State) -> None:
    changed = Application.objects.filter(
        pk=application.pk, state=Application.State.OPEN
    ).update(state=state, decided_on=timezone.localdate())
    if not changed:
        raise ValidationError(_("A colleague decided on this just now."))


def invite(*, email: str, language: str = "nl") -> Invitation | None:
    """Mail an invitation to ``email``; None when they have an account already.

    A second call makes a new token: the older mail no longer opens the door.
    """
    email = email.strip().lower()
    if EmailAddress.objects.filter(email=email).exists():
        return None
    token = random_source.token_urlsafe(32)
    with transaction.atomic():
        invitation, _is_new = Invitation.objects.update_or_create(
            email=email,
            defaults={
                "token_digest": _digest(token),
                "language": language,
                "made_on": timezone.localdate(),
                "accepted_on": None,
            },
        )
        mail.write(
            email,
            "accounts/emails/invitation",
            {
                "address": _address("accounts:invitation_detail", token),
                "days": INVITATION_DAYS,
            },
            language=language,
        )
    return invitation


def find_invitation(token: str) -> Invitation | None:
    """The invitation that ``token`` opens, if it still does."""
    since = timezone.localdate() - dt.timedelta(INVITATION_DAYS)
    return Invitation.objects.filter(
        token_digest=_digest(token), accepted_on=None, made_on__gte=since
    ).first()


def accept(*, token: str, display_name: str, password: str) -> Member:
    """Make the invited person a member at once: the mail proved the address.

    Raises ValidationError when the invitation was used, withdrawn or is too old, or
    when its address has got an account since; nothing is written then.
    """
    with transaction.atomic():
        invitation = find_invitation(token)
        used = invitation and Invitation.objects.filter(
            pk=invitation.pk, accepted_on=None
        ).update(accepted_on=timezone.localdate())
        if not invitation or not used:
            raise ValidationError(_("This invitation does not work any more."))
        member = Member(
            email=invitation.email,
            display_name=display_name,
            language=invitation.language,
            admitted_on=timezone.localdate(),
        )
        member.set_password(password)
        try:
            with transaction.atomic():
                make_member(member)
                EmailAddress.objects.create(
                    user=member, email=member.email, verified=True, primary=True
                )
        except IntegrityError:
            raise ValidationError(_("This address has an account already.")) from None
    return member


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _address(name: str, *args: str) -> str:
    return f"{settings.ORIGIN}{reverse(name, args=args)}"
