from __future__ import annotations

from django.test import Client

from accounts.models import Member
from tests.people import ClientFor


def saved(client: Client) -> Client:
    client.post("/settings/mail/", {"digest_frequency": "friday"})
    assert client.cookies["messages"].value
    return client


def test_message_is_shown_on_the_next_page(
    member: Member, client_for: ClientFor
) -> None:
    page = saved(client_for(member)).get("/settings/mail/")

    assert [str(message) for message in page.context["messages"]]


def test_message_of_one_session_is_nothing_in_another(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    cookie = saved(client_for(member)).cookies["messages"].value
    other = client_for(other_member)
    other.cookies["messages"] = cookie

    page = other.get("/settings/mail/")

    assert not list(page.context["messages"])
