from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from time_machine import Traveller

from accounts.ids import random_id
from accounts.models import Member
from tests.accounts.database import everything
from tests.accounts.entering import without_tokens
from tests.factories import PASSWORD, make_thread
from tests.people import ClientFor

CONFIRM = "/mine/anonymous/confirm/"
NOON = dt.datetime(2026, 3, 10, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


def enter(client: Client, password: str = PASSWORD) -> int:
    return client.post(CONFIRM, {"password": password}).status_code


def asks(client: Client, path: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 302 and answer["Location"].startswith(CONFIRM)


def test_owner_addresses_ask_everybody_before_they_look_anything_up(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    post = make_thread(member, under_alias=True).posts.get()

    for who in (member, other_member):
        client = client_for(who)
        for post_id in (post.pk, random_id()):
            for page in ("", "edit/", "withdraw/"):
                assert asks(client, f"/mine/anonymous/{post_id}/{page}")
        assert asks(client, "/mine/anonymous/")


def test_page_that_asks_is_the_same_for_who_wrote_and_who_did_not(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    make_thread(member, under_alias=True)

    pages = {
        without_tokens(client_for(who).get(CONFIRM)) for who in (member, other_member)
    }

    assert len(pages) == 1


def test_wrong_password_opens_nothing(member: Member, client_for: ClientFor) -> None:
    client = client_for(member)

    assert enter(client, "verkeerd") == 422
    assert "owner" not in client.cookies
    assert asks(client, "/mine/anonymous/")


def test_password_of_another_member_opens_nothing(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    other_member.set_password("het geheim van een ander")
    other_member.save()

    assert enter(client_for(member), "het geheim van een ander") == 422


@pytest.mark.parametrize("fields", [{}, {"password": ""}])
def test_no_password_is_refused_like_a_wrong_one(
    member: Member, client_for: ClientFor, fields: dict[str, str]
) -> None:
    client = client_for(member)

    assert client.post(CONFIRM, fields).status_code == 422
    assert asks(client, "/mine/anonymous/")


def test_right_password_leads_to_the_page_that_was_asked_for(
    member: Member, client_for: ClientFor
) -> None:
    post = make_thread(member, under_alias=True).posts.get()
    client = client_for(member)
    asking = client.get(f"/mine/anonymous/{post.pk}/")["Location"]

    answer = client.post(asking, {"password": PASSWORD})

    assert answer["Location"] == f"/mine/anonymous/{post.pk}/"
    assert client.get(answer["Location"]).status_code == 200


def test_owner_mode_closes_after_fifteen_minutes(
    member: Member, client_for: ClientFor, clock: Traveller
) -> None:
    client = client_for(member)
    assert enter(client) == 302
    assert client.get("/mine/anonymous/").status_code == 200

    clock.shift(dt.timedelta(minutes=15))
    assert client.get("/mine/anonymous/").status_code == 200
    # Kept by hand, since a browser would drop the cookie by itself.
    stamp = client.cookies["owner"].value
    clock.shift(dt.timedelta(seconds=2))
    client.cookies["owner"] = stamp

    assert asks(client, "/mine/anonymous/")


def test_cookie_of_another_session_does_not_open(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    proven = client_for(member)
    enter(proven)

    for who in (member, other_member):
        elsewhere = client_for(who)
        elsewhere.cookies["owner"] = proven.cookies["owner"].value
        assert asks(elsewhere, "/mine/anonymous/")
    assert proven.get("/mine/anonymous/").status_code == 200


def test_changed_cookie_does_not_open(member: Member, client_for: ClientFor) -> None:
    client = client_for(member)
    enter(client)
    stamp = client.cookies["owner"].value

    for forged in ("", "x", stamp[:-1] + ("A" if stamp[-1] != "A" else "B")):
        client.cookies["owner"] = forged
        assert asks(client, "/mine/anonymous/")


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    enter(client)

    cookie = client.cookies["owner"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["max-age"] == 900


def test_entering_owner_mode_writes_no_row(
    member: Member, client_for: ClientFor
) -> None:
    make_thread(member, under_alias=True)
    client = client_for(member)
    client.get("/mine/")
    before = everything()

    assert enter(client, "verkeerd") == 422
    assert enter(client) == 302
    assert client.get("/mine/anonymous/").status_code == 200

    assert everything() == before


def test_an_17_what_is_not_yours_answers_like_what_does_not_exist(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    post = make_thread(member, under_alias=True).posts.get()
    client = client_for(other_member)
    enter(client)

    for page in ("", "edit/", "withdraw/"):
        absent = random_id()
        foreign = client.get(f"/mine/anonymous/{post.pk}/{page}")
        unknown = client.get(f"/mine/anonymous/{absent}/{page}")
        assert foreign.status_code == unknown.status_code == 404
        theirs = without_tokens(foreign).replace(post.pk, absent)
        assert theirs == without_tokens(unknown)


@pytest.mark.parametrize("address", ["https://elders.example/", "//elders.example/"])
def test_proof_does_not_lead_to_another_site(
    member: Member, client_for: ClientFor, address: str
) -> None:
    answer = client_for(member).post(
        f"{CONFIRM}?next={address}", {"password": PASSWORD}
    )

    assert answer["Location"] == "/mine/anonymous/"


def test_guessing_is_stopped_with_a_page(member: Member, client_for: ClientFor) -> None:
    client = client_for(member)
    statuses = [enter(client, f"gok {number}") for number in range(6)]

    assert statuses == [422] * 5 + [429]
    assert enter(client) == 429
    assert asks(client, "/mine/anonymous/")
