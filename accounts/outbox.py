"""The outbox: rows claimed under a lease, sent, retried with pauses, given up.

The row goes away when its mail has gone; nothing keeps what was sent to whom.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from email.utils import formatdate
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F
from django.utils import timezone

from accounts.models import Outgoing

log = logging.getLogger("kamer.mail")

LEASE = dt.timedelta(minutes=5)
FIRST_PAUSE = dt.timedelta(minutes=1)
MOST_TRIES = 8


def send_waiting(limit: int = 200) -> int:
    """Send what is due; returns how many mails went out. Safe to run at once, twice.

    A crash between claiming and sending leaves the row, due again after the lease.
    """
    now = timezone.now()
    waiting = Outgoing.objects.filter(
        state=Outgoing.State.WAITING, due_at__lte=now
    ).order_by("due_at")[:limit]
    sent = 0
    for row in waiting:
        if _claim(row, now):
            sent += _send(row)
    return sent


def _claim(row: Outgoing, now: dt.datetime) -> bool:
    """Take the row for five minutes; false when another run was first."""
    won = Outgoing.objects.filter(
        pk=row.pk, due_at=row.due_at, state=Outgoing.State.WAITING
    ).update(due_at=now + LEASE, tries=F("tries") + 1)
    return bool(won)


def _send(row: Outgoing) -> bool:
    try:
        deliver(row.recipient, row.subject, row.text, row.html, row.headers, key=row.pk)
    except (OSError, smtplib.SMTPException) as error:
        _put_back(row, error)
        return False
    row.delete()
    return True


def _put_back(row: Outgoing, error: Exception) -> None:
    tries = row.tries + 1
    given_up = tries >= MOST_TRIES or is_permanent(error)
    waiting = Outgoing.objects.filter(pk=row.pk)
    if given_up:
        # The row stays for the operator to see; what it would have opened does not.
        waiting.update(state=Outgoing.State.GIVEN_UP, text="", html="", headers={})
    else:
        waiting.update(due_at=timezone.now() + FIRST_PAUSE * 2**tries)
    log.warning(
        "mail %s %s", "given up" if given_up else "put back", type(error).__name__
    )


def is_permanent(error: Exception) -> bool:
    """Whether the address or the mail itself was refused for good.

    RFC 5321, 4.2.1: a reply of 5xx must not be tried again as it is. A refused
    password or sender is the operator's to mend: such mail waits.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def deliver(
    recipient: str,
    subject: str,
    text: str,
    html: str,
    headers: dict[str, str],
    *,
    key: str,
) -> None:
    """Hand one mail to the server; its Message-ID comes from the random ``key``.

    A mail that is sent twice after a crash bears the same Message-ID (RFC 5322,
    3.6.4), so that a mailbox can fold the two. Raises what smtplib raises.
    """
    host = urlsplit(settings.ORIGIN).hostname
    message = EmailMultiAlternatives(
        subject,
        text,
        to=[recipient],
        headers={
            "Message-ID": f"<{key}@{host}>",
            "Date": formatdate(localtime=False),
            "Auto-Submitted": "auto-generated",
            **headers,
        },
        connection=get_connection(),
    )
    if html:
        message.attach_alternative(html, "text/html")
    message.send()
