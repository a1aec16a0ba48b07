from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from forum.forms import new_form_key
from forum.models import Post
from tests.factories import PASSWORD, SITUATION, make_reply, make_thread
from tests.people import ClientFor

REPLY = "Bij mij speelde iets wat hierop lijkt."


def writes(queries: CaptureQueriesContext) -> Iterator[str]:
    for query in queries.captured_queries:
        if query["sql"].startswith(("INSERT", "UPDATE", "DELETE", "REPLACE")):
            yield query["sql"]


def traces_of(member: Member, client: Client) -> list[str]:
    session_key = client.session.session_key
    assert session_key
    return [member.pk, member.email, member.display_name, session_key]


def without_tokens(page: Any) -> str:
    # Tokens against forged forms and form keys are random at every look.
    return "\n".join(
        line
        for line in page.content.decode().splitlines()
        if "csrf" not in line and 'name="form_key"' not in line
    )


def owner_client(client: Client) -> Client:
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    return client


@pytest.fixture
def author(member: Member) -> Member:
    member.display_name = "Wilhelmina-Kanarie"
    member.save(update_fields=["display_name"])
    return member


def test_an_05_posting_under_alias_writes_no_row_of_the_member(
    author: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client = client_for(author)
    traces = traces_of(author, client)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.post(
            "/dilemmas/new/",
            {
                "title": "Volg ik het besluit of mijn team?",
                "category": "team",
                "ask": "advice",
                "source": SITUATION,
                "is_clean": "on",
                "under_alias": "on",
                "form_key": new_form_key(),
            },
        )
        client.post(
            f"/dilemmas/{thread.pk}/replies/",
            {
                "kind": "experience",
                "source": REPLY,
                "under_alias": "on",
                "form_key": new_form_key(),
            },
        )

    assert Post.objects.filter(alias__isnull=False).count() == 2
    written = list(writes(queries))
    assert written
    assert not [sql for sql in written for trace in traces if trace in sql]


def test_an_05_edit_and_withdraw_in_owner_mode_write_no_row_of_the_member(
    author: Member, client_for: ClientFor
) -> None:
    post = make_thread(author, under_alias=True).posts.get()
    client = owner_client(client_for(author))
    traces = traces_of(author, client)

    with CaptureQueriesContext(connection) as queries:
        edited = client.post(
            f"/mine/anonymous/{post.pk}/edit/",
            {
                "title": "Volg ik het besluit, of toch niet?",
                "category": "team",
                "source": SITUATION + " Nu anders.",
                "version": "1",
            },
        )
        withdrawn = client.post(f"/mine/anonymous/{post.pk}/withdraw/")

    assert (edited.status_code, withdrawn.status_code) == (200, 302)
    written = list(writes(queries))
    assert written
    assert not [sql for sql in written for trace in traces if trace in sql]


def test_an_05_keeping_a_draft_writes_one_blinded_row_and_nothing_else(
    author: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client = client_for(author)
    traces = [*traces_of(author, client), thread.pk, thread.scope, REPLY]
    told = {"thread": thread.pk, "kind": "experience", "under_alias": "on"}

    with CaptureQueriesContext(connection) as queries:
        first = client.post("/drafts/save/", {**told, "source": REPLY})
        ref = first.json()["ref"]
        client.post("/drafts/save/", {**told, "source": f"{REPLY} Ik", "draft": ref})

    written = list(writes(queries))
    assert len(written) == 2
    assert all("accounts_draft" in sql for sql in written)
    assert not [sql for sql in written for trace in traces if trace in sql]


def test_an_05_asking_and_marking_in_owner_mode_write_no_row_of_the_member(
    author: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(author, under_alias=True)
    post = thread.posts.get()
    question = make_reply(other_member, thread)
    client = owner_client(client_for(author))
    traces = traces_of(author, client)

    with CaptureQueriesContext(connection) as queries:
        client.post(f"/mine/anonymous/{post.pk}/ask/", {"ask": "listen"})
        client.post(
            f"/mine/anonymous/{post.pk}/marks/", {"question": question.pk, "on": "1"}
        )

    question.refresh_from_db()
    assert question.is_warm
    written = list(writes(queries))
    assert written
    assert not [sql for sql in written for trace in traces if trace in sql]


def test_an_07_reading_writes_nothing(
    author: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(author, under_alias=True)
    reply = make_reply(other_member, thread)
    client = owner_client(client_for(author))

    with CaptureQueriesContext(connection) as queries:
        for address in (
            "/",
            "/?view=mine",
            f"/dilemmas/{thread.pk}/",
            f"/dilemmas/{thread.pk}/changes/?after=0",
            "/changes/?after=0",
            f"/posts/{reply.pk}/",
            f"/posts/{reply.pk}/history/",
            "/notifications/",
            "/mine/",
            "/mine/anonymous/",
            "/drafts/",
            "/dilemmas/new/",
            "/settings/mail/",
        ):
            assert client.get(address).status_code == 200, address

    assert not list(writes(queries))


def test_an_07_read_mark_is_blinded(
    author: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client = client_for(author)
    traces = [*traces_of(author, client), thread.pk, thread.scope]

    with CaptureQueriesContext(connection) as queries:
        client.post(f"/dilemmas/{thread.pk}/read/", {"number": "1"})

    written = list(writes(queries))
    assert written
    assert not [sql for sql in written for trace in traces if trace in sql]


@pytest.mark.parametrize("whose", ["own", "another's"])
def test_an_05_reaction_writes_no_row_of_the_member_and_is_blinded(
    author: Member, other_member: Member, client_for: ClientFor, whose: str
) -> None:
    writer = author if whose == "own" else other_member
    post = make_thread(writer, under_alias=True).posts.get()
    client = client_for(author)
    # The scope of a tag is never told beside it.
    traces = [*traces_of(author, client), post.scope]

    for word in ("recognise", "help", ""):
        with CaptureQueriesContext(connection) as queries:
            client.post(f"/posts/{post.pk}/reaction/", {"word": word})

        written = list(writes(queries))
        assert written
        assert not [sql for sql in written for trace in traces if trace in sql]


def test_an_17_outside_owner_mode_the_author_sees_what_anybody_sees(
    author: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(author, under_alias=True)
    post = thread.posts.get()
    clients = [client_for(author), client_for(other_member)]

    for address in (
        f"/dilemmas/{thread.pk}/",
        f"/posts/{post.pk}/",
        "/",
        "/?view=mine",
        "/mine/",
        "/notifications/",
        f"/dilemmas/{thread.pk}/changes/?after=0",
    ):
        pages = [client.get(address) for client in clients]
        words = [without_tokens(page) for page in pages]
        assert pages[0].status_code == pages[1].status_code == 200
        assert words[0].replace(author.display_name, "X") == words[1].replace(
            other_member.display_name, "X"
        ), address


@pytest.mark.parametrize("act", ["edit", "withdraw"])
def test_an_17_addresses_for_named_texts_are_404_for_an_anonymous_one(
    author: Member, other_member: Member, client_for: ClientFor, act: str
) -> None:
    post = make_thread(author, under_alias=True).posts.get()

    for somebody in (author, other_member):
        client = owner_client(client_for(somebody))
        assert client.get(f"/posts/{post.pk}/{act}/").status_code == 404
        assert client.post(f"/posts/{post.pk}/{act}/").status_code == 404


@pytest.mark.parametrize(
    "act", ["", "edit/", "withdraw/", "ask/", "marks/", "outcome/", "wake/"]
)
def test_an_17_owner_addresses_ask_first_and_then_answer_like_unknown_ones(
    author: Member, other_member: Member, client_for: ClientFor, act: str
) -> None:
    post = make_thread(author, under_alias=True).posts.get()
    addresses = [f"/mine/anonymous/{pk}/{act}" for pk in (post.pk, "0" * 20)]

    for somebody in (author, other_member):
        for address in addresses:
            answer = client_for(somebody).get(address)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/mine/anonymous/confirm/")
    stranger = owner_client(client_for(other_member))
    answers = [stranger.get(address, follow=True) for address in addresses]
    assert [answer.status_code for answer in answers] == [404, 404]
    # Each page names the address that was asked, in the form that chooses a language.
    pages = [without_tokens(answer) for answer in answers]
    assert pages[0].replace(post.pk, "0" * 20) == pages[1]
    known = owner_client(client_for(author)).get(addresses[0], follow=True)
    assert known.status_code == 200


def test_text_sent_after_owner_mode_ended_is_kept_as_a_draft(
    author: Member, client_for: ClientFor
) -> None:
    post = make_thread(author, under_alias=True).posts.get()
    client = client_for(author)

    answer = client.post(
        f"/mine/anonymous/{post.pk}/edit/",
        {"title": "Anders", "category": "team", "source": SITUATION, "version": "1"},
    )

    assert answer.status_code == 302
    assert "Anders" in owner_client(client).get("/drafts/").content.decode()
    post.refresh_from_db()
    assert post.version == 1
