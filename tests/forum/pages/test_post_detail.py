from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from accounts import sanctions
from accounts.models import Member, Sanction
from forum import reacting
from forum.models import Post, Reaction, ReactionWord
from tests.factories import make_member, make_reply, make_thread
from tests.people import ClientFor


@pytest.fixture
def post(other_member: Member) -> Post:
    return make_thread(other_member, under_alias=True).posts.get()


def pressed(page: str) -> list[str]:
    buttons = re.findall(r'value="(\w*)" aria-pressed="(\w+)"', page)
    assert len(buttons) == len(ReactionWord)
    return [value for value, is_pressed in buttons if is_pressed == "true"]


def test_own_choice_is_shown_to_the_one_who_made_it_only(
    post: Post, member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)

    answer = client.post(f"/posts/{post.pk}/reaction/", {"word": "feel"})

    assert answer["Location"] == f"/posts/{post.pk}/#reactions"
    # What is pressed sends nothing, which takes it away.
    assert pressed(client.get(f"/posts/{post.pk}/").content.decode()) == [""]
    page = client_for(make_member()).get(f"/posts/{post.pk}/").content.decode()
    assert pressed(page) == []
    client.post(f"/posts/{post.pk}/reaction/", {"word": ""})
    assert not Reaction.objects.exists()


def test_sentence_is_the_same_for_all_and_names_and_counts_nobody(
    post: Post, member: Member, client_for: ClientFor
) -> None:
    for reader in (member, make_member(), make_member()):
        reacting.react(by=reader, post=post, word=ReactionWord.RECOGNISE)

    page = client_for(make_member()).get(f"/dilemmas/{post.thread_id}/")

    replies = (
        page.content.decode().split('class="opening"')[1].split('id="composer"')[0]
    )
    assert "More people recognise this." in Post.objects.get().fragments["en"]
    assert Post.objects.get().fragments["nl"] in replies
    assert member.display_name not in replies


def test_thread_page_holds_no_control_of_the_readers_own(
    post: Post, member: Member, client_for: ClientFor
) -> None:
    pages = []
    for word in (None, ReactionWord.HELP):
        reacting.react(by=member, post=post, word=ReactionWord.FEEL)
        reacting.react(by=member, post=post, word=word)
        page = client_for(member).get(f"/dilemmas/{post.thread_id}/").content.decode()
        pages.append(page.split('class="opening"')[1].split("</article>")[0])

    assert "/reaction/" not in "".join(pages)
    assert "<button" not in "".join(pages)


def test_member_whose_writing_is_paused_is_told_and_nothing_is_chosen(
    post: Post, member: Member, client_for: ClientFor
) -> None:
    until = timezone.localdate() + dt.timedelta(7)
    sanctions.sanction_member(
        member, kind=Sanction.Kind.PAUSE_WRITING, until=until, ground="R06"
    )
    client = client_for(member)

    answer = client.post(f"/posts/{post.pk}/reaction/", {"word": "feel"}, follow=True)

    assert [str(told) for told in answer.context["messages"]]
    assert not Reaction.objects.exists()


@pytest.mark.parametrize("word", ["like", "RECOGNISE", "\x00", "recognise,feel"])
def test_unknown_word_is_absent(
    post: Post, member: Member, client_for: ClientFor, word: str
) -> None:
    answer = client_for(member).post(f"/posts/{post.pk}/reaction/", {"word": word})

    assert answer.status_code == 404
    assert not Reaction.objects.exists()


def test_held_text_answers_a_reaction_like_an_absent_one(
    newcomer: Member, member: Member, client_for: ClientFor
) -> None:
    held = make_reply(newcomer, make_thread(make_member()))

    for pk in (held.pk, "0" * 20):
        for who in (newcomer, member):
            answer = client_for(who).post(f"/posts/{pk}/reaction/", {"word": "feel"})
            assert answer.status_code == 404


def test_without_a_key_ring_the_page_is_read_and_nothing_is_chosen(
    post: Post, member: Member, client_for: ClientFor, settings: Any
) -> None:
    client = client_for(member)
    settings.ALIAS_KEYS = ()

    page = client.get(f"/posts/{post.pk}/")
    answer = client.post(f"/posts/{post.pk}/reaction/", {"word": "feel"})

    assert page.status_code == 200
    assert pressed(page.content.decode()) == []
    assert answer.status_code in {302, 503}
    assert not Reaction.objects.exists()


def test_link_to_the_conversation_leads_to_the_text_there(
    post: Post, member: Member, client_for: ClientFor
) -> None:
    reply = make_reply(member, post.thread)
    client = client_for(make_member())

    for each in (post, reply):
        link = f"/dilemmas/{post.thread_id}/#post-{each.pk}"
        assert link in client.get(f"/posts/{each.pk}/").content.decode()
        path, place = link.split("#")
        assert client.get(path).content.decode().count(f'id="{place}"') == 1
