from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
import time_machine
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from django.core import mail as django_mail
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone, translation
from pytest_django import Settings
from time_machine import Traveller

from accounts import joining, mail, outbox
from accounts.models import Application, Member, Outgoing
from tests.services import HOST, Mailbox

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def over_smtp(settings: Settings, mailbox: Mailbox) -> Mailbox:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, mailbox.port
    return mailbox


def write(recipient: str = "marit@voorbeeld.nl", name: str = "Marit") -> Outgoing:
    return mail.write(
        recipient,
        "accounts/emails/refused",
        {"name": name, "reason": "We konden het niet nagaan."},
        language="nl",
    )


def apply(member: Member) -> Application:
    return Application.objects.create(
        member=member,
        full_name="Marit Jansen",
        work="director",
        proof_route="call",
        school="De Wilgenhoek",
        is_board_member=False,
    )


@pytest.mark.django_db
def test_mail_arrives_as_it_was_written(clock: Traveller, over_smtp: Mailbox) -> None:
    row = write(name="Zoë <b>&")

    assert outbox.send_waiting() == 1

    message = over_smtp.received[0].message
    assert over_smtp.received[0].recipients == ["marit@voorbeeld.nl"]
    assert message["Message-ID"] == f"<{row.pk}@testserver>"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = (part.get_content() for part in message.iter_parts())
    assert "Zoë <b>&," in text
    assert "Zoë &lt;b&gt;&amp;," in html
    assert not Outgoing.objects.exists()


@pytest.mark.django_db
def test_second_run_sends_nothing(clock: Traveller, over_smtp: Mailbox) -> None:
    write()

    assert [outbox.send_waiting(), outbox.send_waiting()] == [1, 0]
    assert len(over_smtp.received) == 1


@pytest.mark.django_db
def test_deferred_mail_waits_longer_each_time(
    clock: Traveller, over_smtp: Mailbox
) -> None:
    row = write()
    over_smtp.answer = "451 later"
    pauses = []

    for _try in range(3):
        assert outbox.send_waiting() == 0
        row.refresh_from_db()
        pauses.append((row.due_at - timezone.now()).total_seconds() / 60)
        clock.move_to(row.due_at)
    over_smtp.answer = "250 OK"

    assert pauses == [2, 4, 8]
    assert outbox.send_waiting() == 1


@pytest.mark.parametrize(("answer", "runs"), [("550 no", 1), ("451 later", 8)])
@pytest.mark.django_db
def test_mail_that_is_never_taken_is_given_up(
    clock: Traveller, over_smtp: Mailbox, answer: str, runs: int
) -> None:
    row = write()
    over_smtp.answer = answer

    for _run in range(runs):
        row.refresh_from_db()
        assert row.state == Outgoing.State.WAITING
        outbox.send_waiting()
        clock.shift(dt.timedelta(days=1))

    row.refresh_from_db()
    assert row.state == Outgoing.State.GIVEN_UP
    assert outbox.send_waiting() == 0


@pytest.mark.django_db
def test_mail_waits_while_there_is_no_server(
    clock: Traveller, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, 1
    write()

    assert outbox.send_waiting() == 0
    assert Outgoing.objects.get().state == Outgoing.State.WAITING


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_each_mail_once(over_smtp: Mailbox) -> None:
    for number in range(12):
        write(f"lid{number}@voorbeeld.nl")
    start = threading.Barrier(2)

    def send() -> None:
        start.wait()
        try:
            outbox.send_waiting()
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    receivers = [received.recipients[0] for received in over_smtp.received]
    assert sorted(receivers) == sorted(f"lid{n}@voorbeeld.nl" for n in range(12))


def test_welcome_names_the_fourteen_days(applicant: Member) -> None:
    applicant.language = "en"

    joining.admit(application=apply(applicant))

    row = Outgoing.objects.get()
    assert row.subject == "Your access is ready"
    for body in (row.text, row.html):
        assert "your own name in your first fourteen days" in body
        assert "http://testserver/rules/" in body
        assert "Anna" in body


def test_refusal_gives_the_reason(applicant: Member) -> None:
    applicant.language = "en"

    joining.refuse(
        application=apply(applicant), message="You work as 'bestuurder' & co."
    )

    row = Outgoing.objects.get()
    assert row.subject == "About your application"
    assert "You work as 'bestuurder' & co." in row.text
    assert "&amp; co." in row.html


@pytest.mark.django_db
def test_invitation_opens_the_door() -> None:
    joining.invite(email="nieuw@voorbeeld.nl", language="en")

    row = Outgoing.objects.get()
    token = row.text.split("http://testserver/invitations/")[1].split("/")[0]
    assert joining.find_invitation(token) is not None
    assert f"http://testserver/invitations/{token}/" in row.html
    assert "for 30 days" in row.text


@pytest.mark.parametrize("name", ["welcome", "refused", "invitation"])
def test_mail_asks_nothing_of_another_place(name: str) -> None:
    _subject, _text, html = mail.render(f"accounts/emails/{name}", {}, language="nl")

    assert "<style" not in html
    assert "max-width: 36rem" in html
    for trace in ("<img", "<link", "<script", "url(", "@import"):
        assert trace not in html


@pytest.mark.parametrize(
    "name",
    [
        "account/email/account_already_exists",
        "account/email/email_changed",
        "account/email/email_confirmation",
        "account/email/email_confirmation_signup",
        "account/email/email_deleted",
        "account/email/password_changed",
        "account/email/password_reset",
        "account/email/password_reset_key",
        "mfa/email/recovery_codes_generated",
        "mfa/email/totp_activated",
        "mfa/email/webauthn_added",
    ],
)
def test_account_mail_names_no_person_device_network_or_host(
    name: str, member: Member
) -> None:
    request = RequestFactory().get("/", headers={"user-agent": "Canary/1"})
    context = {
        "user": member,
        "ip": "192.0.2.77",
        "user_agent": "Canary/1",
        "timestamp": NOW,
        "code": "ABC123",
        "to_email": "new-canary@voorbeeld.nl",
        "from_email": member.email,
        "password_reset_url": "http://testserver/reset/",
    }

    with request_context(request), translation.override("en"):
        get_adapter().send_mail(name, member.email, context)

    row = Outgoing.objects.get()
    told = row.subject + row.text
    assert "the moderators of De Directeurskamer" in told
    for canary in (member.pk, "192.0.2.77", "Canary", "canary", "Marit", "example.com"):
        assert canary not in told


def test_notification_leaves_no_network_address_in_the_outbox(member: Member) -> None:
    request = RequestFactory().get(
        "/", headers={"user-agent": "Canary/1"}, REMOTE_ADDR="192.0.2.77"
    )

    with request_context(request):
        get_adapter().send_notification_mail("account/email/password_changed", member)

    assert "192.0.2.77" not in Outgoing.objects.get().text
    assert not django_mail.outbox
