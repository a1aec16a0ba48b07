from __future__ import annotations

import pytest

from accounts.models import Member
from forum import curating, posting
from forum.models import Post, Thread
from forum.rendering import quote, render
from tests.factories import make_member, make_reply, make_thread
from tests.people import ClientFor

WORDS = "Bij mij duurde het een jaar."


@pytest.fixture
def thread(other_member: Member) -> Thread:
    return make_thread(other_member)


@pytest.fixture
def post(member: Member, thread: Thread) -> Post:
    return make_reply(member, thread, source=WORDS, under_alias=True)


def prefilled(client_for: ClientFor, who: Member, thread: Thread, post_id: str) -> str:
    page = client_for(who).get(f"/dilemmas/{thread.pk}/", {"quote": post_id})
    assert page.status_code == 200
    return str(page.context["form"]["source"].value())


def test_quote_names_the_shown_author_and_is_the_same_for_everybody(
    thread: Thread, post: Post, member: Member, client_for: ClientFor
) -> None:
    assert post.alias is not None
    expected = f"> {post.alias.name}:\n> {WORDS}\n\n"

    for who in (member, make_member()):
        assert prefilled(client_for, who, thread, post.pk) == expected


def test_post_page_leads_to_the_quote_while_replying_is_possible(
    thread: Thread, post: Post, member: Member, client_for: ClientFor
) -> None:
    link = f"/dilemmas/{thread.pk}/?quote={post.pk}#composer"
    client = client_for(make_member())
    assert link in client.get(f"/posts/{post.pk}/").content.decode()

    Thread.objects.update(is_locked=True)

    assert link not in client.get(f"/posts/{post.pk}/").content.decode()


def test_text_that_is_not_online_or_not_here_gives_an_empty_composer(
    thread: Thread,
    post: Post,
    member: Member,
    newcomer: Member,
    client_for: ClientFor,
) -> None:
    held = make_reply(newcomer, thread, source=WORDS)
    elsewhere = make_reply(member, make_thread(make_member()), source=WORDS)
    hidden = make_reply(make_member(), thread, source=WORDS)
    curating.hide(hidden, version=1, reason="R03", message="Te herkenbaar.")
    posting.withdraw_post(by=member, post=post)

    for each in (held.pk, elsewhere.pk, hidden.pk, post.pk, "0" * 20, "", "x", "\x00"):
        assert prefilled(client_for, newcomer, thread, each) == ""


def test_quote_leaves_out_what_was_quoted_and_is_cut_after_a_word() -> None:
    assert quote("Ada", "> Bob:\n> Nee.\n\nJawel.\n\n\n\nToch?") == (
        "> Ada:\n> Jawel.\n>\n> Toch?\n\n"
    )
    assert quote("Ada", "> Alleen een ander.") == ""
    cut = quote("Ada", "woord " * 200)
    assert cut.endswith("woord…\n\n")
    assert len(cut) < 640


def test_quote_and_reply_are_rendered_as_a_quote_and_words_of_ones_own() -> None:
    html = render(quote("Ada", "Eerst dit.\nDan dat.") + "Dat herken ik.")

    own = html.split("</blockquote>")
    assert html.count("<blockquote>") == 1
    assert "Ada:" in own[0]
    assert "Dat herken ik." in own[1]
