from __future__ import annotations

import base64
import datetime as dt

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.core import signing

from accounts.models import Member
from accounts.sessions import SessionStore
from tests.accounts.database import rows_of
from tests.people import ClientFor

NOON = dt.datetime(2026, 3, 10, 12, 34, 56, tzinfo=dt.UTC)


def stored() -> Session:
    return Session.objects.get()


def test_an_32_row_of_a_session_does_not_show_the_member(
    member: Member, client_for: ClientFor
) -> None:
    client_for(member)

    payload = stored().session_data
    opened = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))

    assert SessionStore().decode(payload)["_auth_user_id"] == member.pk
    assert member.pk not in repr(rows_of("django_session"))
    assert member.pk.encode() not in opened
    assert b"_auth_user" not in opened


def test_sessions_with_more_and_less_in_them_have_the_same_length() -> None:
    store = SessionStore()

    lengths = {len(store.encode({"a": "x" * size})) for size in (0, 1, 100, 900)}

    assert len(lengths) == 1


def test_same_content_is_sealed_differently_each_time() -> None:
    store = SessionStore()

    assert store.encode({"a": 1}) != store.encode({"a": 1})
    assert store.decode(store.encode({"a": 1})) == {"a": 1}


@pytest.mark.parametrize("place", [0, 20, -1])
def test_tampered_payload_gives_an_empty_session(place: int) -> None:
    store = SessionStore()
    sealed = bytearray(signing.b64_decode(store.encode({"a": 1}).encode()))
    sealed[place] ^= 1

    assert store.decode(signing.b64_encode(bytes(sealed)).decode()) == {}


@pytest.mark.parametrize("payload", ["", "A", "AAAA", "not base64!", "é", "A" * 2000])
def test_payload_that_is_none_of_ours_gives_an_empty_session(payload: str) -> None:
    assert SessionStore().decode(payload) == {}


def test_visitor_with_a_tampered_session_is_signed_out(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    row = stored()
    Session.objects.update(session_data=row.session_data[:-8] + "AAAAAAAA")

    answer = client.get("/mine/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("hours", [0, 5, 11])
def test_session_ends_at_midnight(
    member: Member, client_for: ClientFor, hours: int
) -> None:
    with time_machine.travel(NOON + dt.timedelta(hours=hours), tick=False):
        client_for(member)

    midnight = NOON.replace(hour=0, minute=0, second=0) + dt.timedelta(days=15)
    assert stored().expire_date == midnight


@pytest.mark.django_db(transaction=True)
def test_session_saved_by_asynchronous_code_ends_at_midnight_too() -> None:
    store = SessionStore()
    store["a"] = 1

    async_to_sync(store.asave)()

    end = stored().expire_date
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)


def test_session_is_over_after_its_end(member: Member, client_for: ClientFor) -> None:
    with time_machine.travel(NOON, tick=False):
        client = client_for(member)
        assert client.get("/mine/").status_code == 200

    with time_machine.travel(NOON + dt.timedelta(days=16), tick=False):
        assert client.get("/mine/").status_code == 302
