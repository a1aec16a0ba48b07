from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from forum import delaying
from forum.forms import new_form_key
from forum.models import Ask, Post, PostState, ReplyKind, Thread
from tests.factories import PASSWORD, SITUATION, make_reply, make_thread
from tests.people import ClientFor

REPLY = "Wat maakt dat dit je zo raakt?"


def in_six_hours() -> dt.datetime:
    return delaying.draw_tick(timezone.now())


def checkbox(page: str) -> str:
    found = re.search(r'<input[^>]*name="is_delayed"[^>]*>', page)
    assert found
    return found[0]


def owner(client: Client) -> Client:
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    return client


def send(client: Client, thread: Thread, **fields: str) -> tuple[int, str]:
    form = {
        "kind": "question",
        "source": REPLY,
        "form_key": new_form_key(),
        "is_delayed": "on",
        **fields,
    }
    answer = client.post(f"/dilemmas/{thread.pk}/replies/", form)
    return answer.status_code, answer.content.decode()


def returned_reply(by: Member, thread: Thread, *, under_alias: bool) -> Post:
    """An advice that the writer of the dilemma asks for no more."""
    reply = make_reply(
        by,
        thread,
        kind=ReplyKind.ADVICE,
        under_alias=under_alias,
        release_at=timezone.now() - delaying.TICK,
    )
    Thread.objects.filter(pk=thread.pk).update(ask=Ask.LISTEN)
    delaying.release_due(timezone.now())
    return Post.objects.get(pk=reply.pk)


def test_every_composer_offers_it_and_chooses_nothing(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    make_reply(member, thread, under_alias=True, release_at=in_six_hours())

    for viewer in (member, other_member):
        for path in ("/dilemmas/new/", f"/dilemmas/{thread.pk}/"):
            page = client_for(viewer).get(path).content.decode()
            assert "checked" not in checkbox(page)


def test_draft_does_not_keep_the_choice(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client = client_for(member)
    send(client, thread, keep="1")

    page = client.get(f"/dilemmas/{thread.pk}/?draft=1").content.decode()

    assert REPLY in page
    assert "checked" not in checkbox(page)


@pytest.mark.parametrize("under_alias", ["", "on"])
def test_answer_says_within_six_hours_and_no_moment(
    member: Member, other_member: Member, client_for: ClientFor, under_alias: str
) -> None:
    thread = make_thread(other_member)

    status, page = send(client_for(member), thread, under_alias=under_alias)

    post = thread.posts.get(source=REPLY)
    sent = page.split('id="sent"')[1].split("</section>")[0]
    assert status == 200
    assert post.state == PostState.DELAYED
    assert post.release_at is not None
    assert 0 < (post.release_at - timezone.now()).total_seconds() <= 6 * 3600
    assert "within six hours" in sent or "binnen zes uur" in sent
    assert REPLY in sent
    assert f"{timezone.localtime(post.release_at):%H:%M}" not in sent
    assert "checked" not in checkbox(page)
    # The conversation below it does not hold the text.
    assert f'id="post-{post.pk}"' not in page


def test_dilemma_waits_outside_the_room(member: Member, client_for: ClientFor) -> None:
    client = client_for(member)

    answer = client.post(
        "/dilemmas/new/",
        {
            "title": "Volg ik het besluit of mijn team?",
            "category": "team",
            "ask": "advice",
            "source": SITUATION,
            "is_clean": "on",
            "is_delayed": "on",
            "form_key": new_form_key(),
        },
    )

    thread = Thread.objects.get()
    assert answer.status_code == 200
    assert thread.posts.get().state == PostState.DELAYED
    assert client.get(f"/dilemmas/{thread.pk}/").status_code == 404
    assert thread.pk not in client.get("/").content.decode()


def test_form_with_a_mistake_keeps_the_choice(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    status, page = send(client_for(member), make_thread(other_member), source="")

    assert status == 422
    assert "checked" in checkbox(page)


def test_named_author_finds_changes_and_withdraws_it(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    reply = make_reply(member, make_thread(other_member), release_at=in_six_hours())
    client = client_for(member)
    assert f"/posts/{reply.pk}/" in client.get("/mine/").content.decode()
    page = client.get(f"/posts/{reply.pk}/").content.decode()
    assert f"/posts/{reply.pk}/edit/" in page

    edited = client.post(
        f"/posts/{reply.pk}/edit/", {"source": "Anders gezegd.", "version": "1"}
    )
    assert edited.status_code == 200
    changed = Post.objects.get(pk=reply.pk)
    assert (changed.state, changed.source) == (PostState.DELAYED, "Anders gezegd.")
    assert changed.release_at == reply.release_at

    client.post(f"/posts/{reply.pk}/withdraw/")
    assert Post.objects.get(pk=reply.pk).state == PostState.WITHDRAWN


def test_owner_mode_finds_changes_and_withdraws_it(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    reply = make_reply(member, thread, under_alias=True, release_at=in_six_hours())
    path = f"/mine/anonymous/{reply.pk}/"
    assert client_for(member).get(path).status_code == 302
    stranger = owner(client_for(other_member))
    assert stranger.get(path).status_code == 404
    client = owner(client_for(member))
    assert path in client.get("/mine/anonymous/").content.decode()
    assert f"{path}edit/" in client.get(path).content.decode()

    client.post(f"{path}edit/", {"source": "Anders gezegd.", "version": "1"})
    changed = Post.objects.get(pk=reply.pk)
    assert (changed.state, changed.source) == (PostState.DELAYED, "Anders gezegd.")

    client.post(f"{path}withdraw/")
    assert Post.objects.get(pk=reply.pk).state == PostState.WITHDRAWN


def test_own_lists_tell_no_day_of_a_text_that_waits(
    member: Member, client_for: ClientFor
) -> None:
    tick = dt.datetime(2031, 5, 17, 9, tzinfo=dt.UTC)
    make_thread(member, release_at=tick)
    make_thread(member, under_alias=True, release_at=tick)
    client = owner(client_for(member))

    for path in ("/mine/", "/mine/anonymous/"):
        page = client.get(path).content.decode()
        assert "Volg ik het besluit" in page
        assert "2031" not in page


@pytest.mark.parametrize("under_alias", [True, False])
def test_author_reads_why_it_did_not_appear_and_sends_it_again(
    member: Member, other_member: Member, client_for: ClientFor, under_alias: bool
) -> None:
    thread = make_thread(other_member)
    reply = returned_reply(member, thread, under_alias=under_alias)
    client = owner(client_for(member))
    client.cookies["django_language"] = "en"
    path = f"/mine/anonymous/{reply.pk}/" if under_alias else f"/posts/{reply.pk}/"

    page = client.get(path).content.decode()
    assert "This did not appear" in page
    assert "asks for something else now" in page
    assert "A moderator wrote to you" not in page

    form = {"source": "Sterkte met alles.", "version": "1"}
    refused = client.post(f"{path}edit/", {**form, "kind": "advice"})
    assert refused.status_code == 422
    assert "Sterkte met alles." in refused.content.decode()
    sent = client.post(f"{path}edit/", {**form, "kind": "support"})
    assert sent.status_code == 200
    posted = Post.objects.get(pk=reply.pk)
    assert (posted.state, posted.kind) == (PostState.PUBLISHED, ReplyKind.SUPPORT)


def test_named_text_that_did_not_appear_is_told_to_its_author(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    named = returned_reply(member, thread, under_alias=False)

    page = client_for(member).get("/notifications/").content.decode()

    assert f"/posts/{named.pk}/" in page
    others = client_for(other_member).get("/notifications/").content.decode()
    assert named.pk not in others
