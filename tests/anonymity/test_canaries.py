from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from accounts import outbox
from accounts.models import Application, Frequency, Member
from forum import digests, posting
from forum.forms import new_form_key
from forum.models import Alias, Post, Thread
from forum.models.reasons import Reason
from moderation import deciding
from moderation.flagging import flag_post
from moderation.models import ReviewItem
from tests.accounts.entering import give_second_factor
from tests.anonymity import surfaces
from tests.anonymity.chance import Chance
from tests.factories import PASSWORD, SITUATION, make_member, make_reply, make_thread

CANARY = "Kwikstaartkanarie"
TITLE = f"Volg ik het besluit van {CANARY} of mijn team?"
WEDNESDAY = dt.datetime.fromisoformat("2026-11-25T12:35:00+01:00")
# What an account is made of; everything else must not know the member.
OF_THE_ACCOUNT = {
    "accounts_member",
    "accounts_membersecret",
    "accounts_shelf",
    "accounts_application",
    "account_emailaddress",
    "django_session",
}


def canaries_of(member: Member, client: Client) -> list[str]:
    key = client.session.session_key
    assert key
    return [
        member.pk,
        member.email,
        member.display_name,
        "Regenboogkanarie",
        key,
        "203.0.113.77",
        "Kanariebrowser",
    ]


def in_owner_mode(client: Client) -> Client:
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    return client


@pytest.mark.django_db(transaction=True)
def test_an_26_canaries_of_an_anonymous_member_occur_nowhere_else() -> None:
    member = make_member("zangvogel@kanarie.example", "Wilhelmina Kanarie")
    Application.objects.create(
        member=member,
        full_name="Wilhelmina de Kanarie",
        school="Regenboogkanarie",
        work="director",
        proof_route="call",
        is_board_member=False,
    )
    reader = make_member(digest_frequency=Frequency.WEDNESDAY, digest_has_titles=True)
    thread = make_thread(reader)
    client = Client(REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="Kanariebrowser/1")
    client.force_login(member)
    seat = surfaces.Seat(reader.pk, "")
    seat.follow(("room", "room", "nl"))
    seat.follow(("thread", thread.pk, "nl"))
    persona = {"under_alias": "on", "is_clean": "on"}
    dilemma = {"title": TITLE, "category": "team", "ask": "advice", "source": SITUATION}

    with surfaces.logged() as log, ExitStack() as leaving:
        leaving.callback(seat.stand_up)
        told = [
            client.post(
                "/dilemmas/new/", {**dilemma, **persona, "form_key": new_form_key()}
            ),
            client.post(
                f"/dilemmas/{thread.pk}/replies/",
                {
                    "kind": "question",
                    "source": "Wat vind je zelf?",
                    **persona,
                    "form_key": new_form_key(),
                },
            ),
            client.post(f"/dilemmas/{thread.pk}/read/", {"number": "2"}),
            client.post(f"/posts/{thread.posts.first().pk}/flag/", {"reason": "R01"}),  # type: ignore[union-attr]
        ]
        own = Post.objects.get(alias__isnull=False, thread=thread)
        path = f"/mine/anonymous/{own.pk}"
        in_owner_mode(client)
        told += [
            client.post(
                f"{path}/edit/", {"source": "Wat wil je zelf?", "version": "1"}
            ),
            client.post(f"{path}/withdraw/"),
        ]
        with time_machine.travel(WEDNESDAY, tick=False):
            digests.run()
            outbox.send_waiting()

    assert [answer.status_code for answer in told] == [200, 200, 204, 200, 200, 302]
    cache: Any = caches["default"]
    found = {
        "log": "\n".join(log.lines),
        "frames": "\n".join(seat.texts),
        "cache": repr(cache._cache),
        "mails": "\n".join(
            surfaces.mail_text(each)
            for each in mail.outbox
            if each.to != [member.email]
        ),
    }
    found |= {
        table: "\n".join(map(repr, rows))
        for table, rows in surfaces.database().items()
        if table not in OF_THE_ACCOUNT
    }
    # A member gets the digest that everybody gets: that row tells who reads mail.
    found["forum_delivery"] = ""
    assert found["log"]
    assert found["frames"]
    assert found["mails"]
    for canary in canaries_of(member, client):
        assert [place for place, text in found.items() if canary in text] == [], canary


def held_by_moderator(post: Post, by: Member) -> tuple[ReviewItem, int]:
    item = ReviewItem.objects.exclude(state="closed").get(post=post)
    deciding.claim(by=by, item=item)
    post.refresh_from_db()
    return item, post.version


def publish(by: Member, post: Post) -> None:
    item, version = held_by_moderator(post, by)
    deciding.publish(by=by, item=item, version=version)


def send_back(by: Member, post: Post) -> None:
    item, version = held_by_moderator(post, by)
    deciding.return_for_edit(
        by=by, item=item, version=version, reason=Reason.R03, message=CANARY
    )


def hide(by: Member, post: Post) -> None:
    item, version = held_by_moderator(post, by)
    deciding.hide(by=by, item=item, version=version, reason=Reason.R03, message=CANARY)


@pytest.mark.parametrize("decide", [publish, send_back, hide])
@pytest.mark.django_db
def test_an_20_the_fate_of_an_anonymous_text_causes_no_mail(
    moderator: Member, decide: Callable[[Member, Post], None]
) -> None:
    give_second_factor(moderator)
    author, reader = make_member(), make_member()
    settings.PREMODERATE = "anonymous"
    try:
        thread = make_thread(author, under_alias=True, title=TITLE)
    finally:
        settings.PREMODERATE = "none"
    post = thread.posts.get()
    mail.outbox.clear()

    decide(moderator, post)
    if decide is publish:
        flag_post(by=reader, post=post, reason=Reason.R01)
        posting.withdraw_post(by=author, post=post)
    outbox.send_waiting()

    assert mail.outbox == []


@pytest.mark.django_db
def test_an_20_no_mail_carries_a_text_an_alias_or_an_id() -> None:
    author = make_member(digest_frequency=Frequency.WEDNESDAY)
    make_member(digest_frequency=Frequency.WEDNESDAY)
    titled = make_member(digest_frequency=Frequency.WEDNESDAY, digest_has_titles=True)
    thread = make_thread(author, under_alias=True, title=TITLE)
    reply = make_reply(titled, thread, under_alias=True, source=f"{CANARY}?")
    names = list(Alias.objects.values_list("name", flat=True))

    with time_machine.travel(WEDNESDAY, tick=False):
        digests.run()

    assert len(mail.outbox) == 3
    for each in mail.outbox:
        text = surfaces.mail_text(each)
        for word in (thread.pk, thread.scope, reply.pk, "Daarna bleef", *names):
            assert word not in text
        has_title = each.to == [titled.email]
        assert (CANARY in text) == has_title


@pytest.mark.django_db
def test_an_19_mails_are_the_same_whoever_of_ten_members_wrote() -> None:
    first = mails_when_written_by((0, 1, 2, 3))

    assert first
    for authors in ((9, 8, 7, 6), (5, 5, 5, 5), (3, 2, 1, 0)):
        assert mails_when_written_by(authors) == first


def mails_when_written_by(authors: tuple[int, ...]) -> list[str]:
    """What ten members with different settings get when these four wrote."""
    chance = Chance({})
    mail.outbox.clear()
    with (
        time_machine.travel(WEDNESDAY - dt.timedelta(days=1), tick=False) as clock,
        chance.replayed(),
        transaction.atomic(),
    ):
        members = [
            make_member(
                f"lid{number}@voorbeeld.example",
                f"Lid {number}",
                digest_frequency=list(Frequency)[number % 4],
                digest_has_titles=number % 3 == 0,
                language="en" if number % 5 == 0 else "nl",
            )
            for number in range(10)
        ]
        for number, author in enumerate(authors):
            with chance.during(f"text {number}"):
                thread = make_thread(
                    members[author], under_alias=True, title=f"Vraag {number} van mij?"
                )
            with chance.during(f"reply {number}"):
                make_reply(members[author - 1], thread, under_alias=True)
        for day in range(4):
            clock.shift(dt.timedelta(days=1))
            with chance.during(f"worker {day}"):
                digests.run()
                outbox.send_waiting()
        transaction.set_rollback(True)
    return sorted(surfaces.mails())


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_an_27_withdrawn_text_is_not_in_the_database_file_after_purge() -> None:
    author, reader = make_member(), make_member()
    thread = make_thread(author, under_alias=True, title=TITLE)
    long_text = f"{SITUATION} {CANARY} " * 8
    post = make_reply(author, thread, under_alias=True, source=long_text)
    make_reply(reader, thread, answers=post)
    assert CANARY.encode() in raw_files()

    posting.withdraw_post(by=author, post=post)
    posting.withdraw_post(by=author, post=thread.posts.get(kind="dilemma"))
    call_command("purge", verbosity=0)

    assert CANARY.encode() not in raw_files()
    assert Thread.objects.count() == 1


def raw_files() -> bytes:
    file = str(connection.settings_dict["NAME"])
    parts = [Path(file), Path(f"{file}-wal")]
    return b"".join(part.read_bytes() for part in parts if part.exists())


def test_an_22_no_address_names_a_member_to_act_for() -> None:
    own_things = {"slot", "token", "uidb36", "key", "pk"}
    texts = {"thread_id", "post_id", "item_id", "request_id", "category"}

    for name, template in surfaces.every_route():
        parts = {part.split("}")[0] for part in template.split("{")[1:]}
        assert parts <= own_things | texts, name
