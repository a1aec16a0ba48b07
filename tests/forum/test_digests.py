from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from accounts import outbox
from accounts.models import Frequency, Member
from forum import digests, posting
from forum.models import Alias, Category, Delivery, Edition, Thread
from tests.factories import SITUATION, make_member, make_thread
from tests.services import HOST, Mailbox

TITLE = "Mag ik dit besluit alleen nemen?"
THEME = "Team and working together"


def utc(day: str, clock: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{clock}:00+00:00")


# Wednesday 12:30 in winter.
WEDNESDAY = utc("2026-11-25", "11:30")
NEXT_WEDNESDAY = utc("2026-12-02", "11:30")


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(
        WEDNESDAY - dt.timedelta(hours=1), tick=False
    ) as traveller:
        yield traveller


@pytest.fixture
def over_smtp(settings: Settings, mailbox: Mailbox) -> Mailbox:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, mailbox.port
    return mailbox


@pytest.fixture
def author(db: None, clock: Traveller) -> Member:
    return make_member(digest_frequency=Frequency.NEVER)


def bodies(message: object) -> str:
    assert isinstance(message, mail.EmailMultiAlternatives)
    return f"{message.subject}\n{message.body}\n{message.alternatives[0][0]!s}"


def withdraw(thread: Thread, by: Member) -> None:
    post = thread.posts.select_related("thread", "author", "alias").get()
    posting.withdraw_post(by=by, post=post)


@pytest.mark.parametrize(
    ("frequency", "moment", "is_due"),
    [
        ("school_days", utc("2026-11-23", "05:59"), False),
        ("school_days", utc("2026-11-23", "06:00"), True),
        ("school_days", utc("2026-11-27", "22:59"), True),
        ("school_days", utc("2026-11-28", "06:00"), False),
        ("wednesday", utc("2026-11-25", "11:29"), False),
        ("wednesday", utc("2026-11-25", "11:30"), True),
        ("wednesday", utc("2026-11-25", "22:59"), True),
        ("wednesday", utc("2026-11-25", "23:00"), False),
        ("friday", utc("2026-11-27", "14:29"), False),
        ("friday", utc("2026-11-27", "14:30"), True),
        # The Mondays after both clock changes: seven o'clock is another hour in UTC.
        ("school_days", utc("2026-03-30", "04:59"), False),
        ("school_days", utc("2026-03-30", "05:00"), True),
        ("school_days", utc("2026-10-26", "05:59"), False),
        ("school_days", utc("2026-10-26", "06:00"), True),
    ],
)
@pytest.mark.django_db
def test_period_is_due_from_its_moment_until_its_day_ends(
    frequency: str, moment: dt.datetime, is_due: bool
) -> None:
    digests.plan(moment)

    assert Edition.objects.filter(frequency=frequency).count() == (4 if is_due else 0)


def test_second_run_sends_nothing(author: Member, clock: Traveller) -> None:
    make_member("marit@voorbeeld.nl")
    make_thread(author)
    clock.move_to(WEDNESDAY)

    first, second = digests.run(), digests.run()

    assert (first.sent, second.sent, second.fixed) == (1, 0, 0)
    assert [message.to for message in mail.outbox] == [["marit@voorbeeld.nl"]]


def test_nothing_new_means_no_mail(author: Member, clock: Traveller) -> None:
    make_member()
    clock.move_to(WEDNESDAY)

    assert digests.run().fixed == 8
    assert not Delivery.objects.exists()
    assert not mail.outbox


def test_each_thread_is_told_once(author: Member, clock: Traveller) -> None:
    make_member(digest_has_titles=True)
    make_thread(author, title="Eerste dilemma hier")
    clock.move_to(WEDNESDAY)
    digests.run()
    make_thread(author, title="Tweede dilemma hier")
    clock.move_to(NEXT_WEDNESDAY)

    digests.run()

    earlier, later = map(bodies, mail.outbox)
    assert "Eerste" in earlier
    assert "Tweede" not in earlier
    assert "Eerste" not in later
    assert "Tweede" in later


def test_threads_of_a_missed_period_come_with_the_next(
    author: Member, clock: Traveller
) -> None:
    make_member(digest_has_titles=True)
    make_thread(author, title=TITLE)
    clock.move_to(NEXT_WEDNESDAY)

    assert digests.run().sent == 1
    assert TITLE in bodies(mail.outbox[0])


def test_only_admitted_members_with_that_frequency_get_it(
    author: Member, clock: Traveller
) -> None:
    make_member("marit@voorbeeld.nl")
    make_member(digest_frequency=Frequency.FRIDAY)
    make_member(admitted_days_ago=None)
    make_member(is_active=False)
    make_thread(author)
    clock.move_to(WEDNESDAY)

    digests.run()

    assert Delivery.objects.count() == 1
    assert [message.to for message in mail.outbox] == [["marit@voorbeeld.nl"]]


def test_name_of_the_receiver_is_never_markup(author: Member, clock: Traveller) -> None:
    make_member(display_name="Jo <b>&")
    make_thread(author)
    clock.move_to(WEDNESDAY)

    digests.run()

    text, html = bodies(mail.outbox[0]).split("<!DOCTYPE html>")
    assert "Jo <b>&," in text
    assert "Jo &lt;b&gt;&amp;," in html


def test_discreet_mail_shows_no_title_alias_theme_or_text(
    author: Member, clock: Traveller
) -> None:
    make_member()
    thread = make_thread(author, title=TITLE, under_alias=True)
    clock.move_to(WEDNESDAY)

    digests.run()

    told = bodies(mail.outbox[0])
    alias = Alias.objects.get(thread=thread).name
    for secret in (TITLE, alias, SITUATION[:40], thread.pk, *Category.labels):
        assert str(secret) not in told


def test_mail_with_titles_groups_them_by_theme(
    author: Member, clock: Traveller
) -> None:
    make_member(digest_has_titles=True, language="en")
    make_thread(author, title="Een lastige ouder & ik", category=Category.PARENTS)
    thread = make_thread(author, title=TITLE, under_alias=True)
    clock.move_to(WEDNESDAY)

    digests.run()

    told = bodies(mail.outbox[0])
    text, html = told.split("<!DOCTYPE html>")
    assert text.startswith("Your digest\n")
    assert f"{THEME}\n- {TITLE}\n  Open to advice\n\nParents and bound" in text
    assert "Een lastige ouder & ik" in text
    assert "Een lastige ouder &amp; ik" in html
    for secret in (Alias.objects.get(thread=thread).name, SITUATION[:40], thread.pk):
        assert secret not in told


def test_chosen_themes_filter_and_nothing_left_is_skipped(
    author: Member, clock: Traveller
) -> None:
    make_member(digest_categories=[Category.MONEY])
    make_member(digest_categories=[Category.MONEY, Category.TEAM])
    make_thread(author, category=Category.TEAM)
    clock.move_to(WEDNESDAY)

    digests.run()

    states = Delivery.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["sent", "skipped"]


def test_thread_withdrawn_after_planning_is_left_out(
    author: Member, clock: Traveller
) -> None:
    make_member(digest_has_titles=True)
    gone = make_thread(author, title="Dit trek ik terug")
    make_thread(author, title=TITLE)
    clock.move_to(WEDNESDAY)
    digests.plan(WEDNESDAY)
    withdraw(gone, author)

    digests.run()

    assert TITLE in bodies(mail.outbox[0])
    assert "Dit trek ik terug" not in bodies(mail.outbox[0])


def test_no_mail_when_every_thread_was_withdrawn(
    author: Member, clock: Traveller
) -> None:
    make_member()
    thread = make_thread(author)
    clock.move_to(WEDNESDAY)
    digests.plan(WEDNESDAY)
    withdraw(thread, author)

    digests.run()

    assert not mail.outbox
    assert Delivery.objects.get().state == Delivery.State.SKIPPED


@pytest.mark.parametrize(
    "change", [{"digest_frequency": Frequency.NEVER}, {"is_active": False}]
)
def test_settings_are_read_again_at_the_moment_of_sending(
    author: Member, clock: Traveller, change: dict[str, object]
) -> None:
    member = make_member()
    make_thread(author)
    clock.move_to(WEDNESDAY)
    digests.plan(WEDNESDAY)
    Member.objects.filter(pk=member.pk).update(**change)

    digests.run()

    assert not mail.outbox
    assert Delivery.objects.get().state == Delivery.State.SKIPPED


def test_who_chose_against_titles_after_planning_gets_none(
    author: Member, clock: Traveller
) -> None:
    member = make_member(digest_has_titles=True)
    make_thread(author, title=TITLE)
    clock.move_to(WEDNESDAY)
    digests.plan(WEDNESDAY)
    Member.objects.filter(pk=member.pk).update(digest_has_titles=False)

    digests.run()

    assert TITLE not in bodies(mail.outbox[0])


@pytest.mark.parametrize("under_alias", [True, False])
def test_an_20_author_gets_the_same_mail_as_everybody(
    clock: Traveller, db: None, under_alias: bool
) -> None:
    writer = make_member(display_name="Eva", digest_has_titles=True)
    make_member(display_name="Bo", digest_has_titles=True)
    make_thread(writer, title=TITLE, under_alias=under_alias)
    clock.move_to(WEDNESDAY)

    digests.run()

    mails = {
        re.sub(r"\b(Eva|Bo)\b|unsubscribe/[\w-]+", "-", bodies(message))
        + str(sorted(set(message.extra_headers) - {"Message-ID"}))
        for message in mail.outbox
    }
    assert len(mail.outbox) == 2
    assert len(mails) == 1


def test_without_key_ring_nothing_goes_out(
    author: Member, clock: Traveller, settings: Settings
) -> None:
    make_member()
    make_thread(author)
    clock.move_to(WEDNESDAY)
    digests.plan(WEDNESDAY)
    settings.ALIAS_KEYS = ()

    assert digests.run().sent == 0
    assert not mail.outbox


def test_crash_between_claiming_and_sending_frees_the_row_after_the_lease(
    author: Member, clock: Traveller
) -> None:
    make_member()
    make_thread(author)
    clock.move_to(WEDNESDAY)
    digests.plan(WEDNESDAY)
    assert digests.claim(Delivery.objects.get())

    assert not digests.claim(Delivery.objects.get())
    assert digests.run().sent == 0
    clock.shift(outbox.LEASE)
    assert digests.run().sent == 1
    assert digests.run().sent == 0


def test_row_that_crashes_every_time_is_given_up(
    author: Member, clock: Traveller
) -> None:
    make_member()
    make_thread(author)
    clock.move_to(WEDNESDAY)
    digests.plan(WEDNESDAY)
    Delivery.objects.update(tries=outbox.MOST_TRIES, state=Delivery.State.SENDING)

    digests.run()

    assert Delivery.objects.get().state == Delivery.State.FAILED
    assert not mail.outbox


def test_headers_arrive_intact(
    author: Member, clock: Traveller, over_smtp: Mailbox
) -> None:
    make_member("marit@voorbeeld.nl")
    make_thread(author)
    clock.move_to(WEDNESDAY)

    digests.run()

    received = over_smtp.received[0]
    message = received.message
    key = Delivery.objects.get().pk
    assert received.recipients == ["marit@voorbeeld.nl"]
    assert message["Message-ID"] == f"<{key}@testserver>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<digest.testserver>"
    assert message["Auto-Submitted"] == "auto-generated"
    address = message["List-Unsubscribe"].strip()
    assert re.fullmatch(r"<http://testserver/mail/unsubscribe/[\w-]+/>", address)
    for part in message.walk():
        if part.get_content_maintype() == "text":
            assert address.strip("<>") in part.get_content()


def test_deferred_mail_is_sent_after_a_growing_pause(
    author: Member, clock: Traveller, over_smtp: Mailbox
) -> None:
    make_member()
    make_thread(author)
    clock.move_to(WEDNESDAY)
    over_smtp.answer = "451 later"
    digests.run()
    clock.shift(dt.timedelta(minutes=2))
    digests.run()
    over_smtp.answer = "250 OK"

    clock.shift(dt.timedelta(minutes=3))
    assert digests.run().sent == 0
    clock.shift(dt.timedelta(minutes=1))
    assert digests.run().sent == 1
    assert len(over_smtp.received) == 1


@pytest.mark.parametrize(("answer", "runs"), [("550 no", 1), ("451 later", 8)])
def test_mail_that_is_never_taken_is_given_up(
    author: Member, clock: Traveller, over_smtp: Mailbox, answer: str, runs: int
) -> None:
    make_member()
    make_thread(author)
    clock.move_to(WEDNESDAY)
    over_smtp.answer = answer

    for _run in range(runs):
        assert not Delivery.objects.filter(state=Delivery.State.FAILED).exists()
        digests.run()
        clock.shift(dt.timedelta(hours=5))

    assert Delivery.objects.get().state == Delivery.State.FAILED
    assert not over_smtp.received


def in_threads(work: Callable[[], object], number: int) -> None:
    start = threading.Barrier(number)

    def work_and_close() -> None:
        start.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=work_and_close) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_mail_each(over_smtp: Mailbox) -> None:
    with time_machine.travel(WEDNESDAY, tick=True):
        for number in range(12):
            make_member(f"lid{number}@voorbeeld.nl")
        make_thread(make_member(digest_frequency=Frequency.NEVER))

        in_threads(digests.run, 2)

    receivers = [received.recipients[0] for received in over_smtp.received]
    assert sorted(receivers) == sorted(f"lid{n}@voorbeeld.nl" for n in range(12))
    assert Edition.objects.count() == 8
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_planning_asks_as_much_for_ten_members_as_for_one(
    author: Member, clock: Traveller
) -> None:
    counts = []
    for members, moment in ((1, WEDNESDAY), (9, NEXT_WEDNESDAY)):
        for _number in range(members):
            make_member()
        make_thread(author)
        clock.move_to(moment)
        with CaptureQueriesContext(connection) as queries:
            digests.plan(timezone.now())
        counts.append(len(queries))

    assert Delivery.objects.count() == 1 + 10
    assert counts[0] == counts[1]


def test_command_prints_a_line_per_edition_and_a_total(
    author: Member, clock: Traveller
) -> None:
    make_member()
    make_thread(author)
    clock.move_to(WEDNESDAY)
    printed = StringIO()

    call_command("send_digests", stdout=printed)
    call_command("send_digests", stdout=printed)

    assert printed.getvalue().splitlines() == [
        "wednesday 2026-11-25 nl discreet: 1 sent",
        "8 editions fixed, 1 digests sent.",
        "0 editions fixed, 0 digests sent.",
    ]
