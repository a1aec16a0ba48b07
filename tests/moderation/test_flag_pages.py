from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import Member
from forum.models import Post, Thread
from forum.models.reasons import Reason
from moderation import deciding
from moderation.flagging import flag_post
from moderation.models import Flag, ReviewItem
from tests.factories import make_reply
from tests.moderation.conftest import (
    address,
    page,
    without_tokens,
)
from tests.people import ClientFor


def test_flag_is_sent_and_thanked_for(
    member: Member, other_member: Member, thread: Thread, client_for: ClientFor
) -> None:
    post = make_reply(other_member, thread)
    client = client_for(member)
    client.cookies["django_language"] = "en"

    empty = client.post(address("flag_create", post.pk), {"note": "Let op."})
    form = page(client, address("flag_create", post.pk))
    sent = client.post(
        address("flag_create", post.pk), {"reason": "R04", "note": "Let op."}
    )

    assert empty.status_code == 422
    assert "Let op." in empty.content.decode()
    assert "Your name does not go to the writer." in form
    assert sent.status_code == 200
    assert "Thank you for saying it" in sent.content.decode()
    assert Flag.objects.get().reason == "R04"


def test_flagging_looks_the_same_for_the_author_of_the_text(
    member: Member, other_member: Member, thread: Thread, client_for: ClientFor
) -> None:
    post = make_reply(other_member, thread, under_alias=True)
    path = address("flag_create", post.pk)

    answers = [
        without_tokens(client_for(each).post(path, {"reason": "R01"}).content.decode())
        for each in (member, other_member)
    ]

    assert answers[0] == answers[1]


def test_text_that_is_not_in_the_room_has_no_flag_page(
    member: Member, held: Post, client_for: ClientFor
) -> None:
    assert client_for(member).get(address("flag_create", held.pk)).status_code == 404


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("", "is going to read it"),
        ("keep", "The text stays."),
        ("hide", "was changed or taken away."),
    ],
)
def test_flagger_reads_what_became_of_it(
    act: str,
    words: str,
    member: Member,
    other_member: Member,
    moderator: Member,
    thread: Thread,
    client_for: ClientFor,
) -> None:
    post = make_reply(other_member, thread)
    flag_post(by=member, post=post, reason=Reason.R01)
    if act:
        item = ReviewItem.objects.get()
        deciding.claim(by=moderator, item=item)
        client_for(moderator).post(
            address("decision_create", item.pk),
            {"act": act, "reason": "R01", "message": "Ga zo door.", "version": "1"},
        )

    assert words in page(client_for(member), "/mine/flags/")
    assert words not in page(client_for(other_member), "/mine/flags/")


def test_without_a_key_ring_the_own_flags_page_still_opens(
    member: Member, client_for: ClientFor, settings: Settings
) -> None:
    client = client_for(member)
    settings.ALIAS_KEYS = ()

    assert client.get("/mine/flags/").status_code == 200
