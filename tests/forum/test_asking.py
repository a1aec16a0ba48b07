from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from accounts import limits
from accounts.models import Member
from forum import asking, live, posting
from forum.forms import new_form_key
from forum.models import Ask, Post, ReplyKind, Thread
from forum.permissions import allowed_kinds
from tests.accounts.database import everything
from tests.factories import PASSWORD, make_member, make_reply, make_thread
from tests.people import ClientFor

KINDS = ["question", "experience", "perspective", "advice", "support", "pointer"]


def page_of(client: Any, path: str) -> str:
    return str(client.get(path).content.decode())


def owner(client: Any) -> Any:
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    return client


def closed_kinds(page: str) -> list[str]:
    return re.findall(r'name="kind"\s+value="(\w+)"\s+disabled', page)


@pytest.mark.parametrize("ask", Ask.values)
@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_taken_where_the_table_says_so(
    member: Member, other_member: Member, ask: str, kind: str
) -> None:
    thread = make_thread(member, ask=ask)
    is_taken = not (kind == "advice" and ask != Ask.ADVICE) and not (
        kind == "perspective" and ask == Ask.LISTEN
    )

    if is_taken:
        assert make_reply(other_member, thread, kind=kind).kind == kind
    else:
        with pytest.raises(ValidationError):
            make_reply(other_member, thread, kind=kind)
    assert (kind in allowed_kinds(ask)) == is_taken


def test_closed_kind_is_shown_with_its_reason_and_a_question_in_its_place(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, ask=Ask.LISTEN)

    page = page_of(client_for(other_member), f"/dilemmas/{thread.pk}/")

    assert closed_kinds(page) == ["perspective", "advice"]
    assert gettext("The writer does not ask for advice now.") in page
    assert gettext("May I share an idea?") in page
    for kind in ReplyKind:
        for words in kind.starters:
            assert str(words) in page


def test_ready_made_question_is_put_into_the_form_and_nothing_is_lost(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, ask=Ask.QUESTIONS)
    before = Post.objects.count()

    answer = client_for(other_member).post(
        f"/dilemmas/{thread.pk}/replies/",
        {"source": "Bel de vader.", "form_key": new_form_key(), "idea": "1"},
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert re.search(r'value="question"\s+checked', page)
    assert f"{gettext('May I share an idea?')}\n\nBel de vader.</textarea>" in page
    assert 'id="errors"' not in page
    assert Post.objects.count() == before


def test_author_by_name_asks_for_something_else(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, ask=Ask.QUESTIONS)
    number = thread.change_number

    answer = client_for(member).post(
        f"/dilemmas/{thread.pk}/ask/", {"ask": "advice"}, follow=True
    )

    assert answer.status_code == 200
    thread.refresh_from_db()
    assert (thread.ask, thread.ask_changed_on) == ("advice", timezone.localdate())
    frame = live.thread_changes(thread, number, "nl")
    assert [part["id"] for part in frame["parts"]] == ["thread-head", "thread-foot"]
    line = gettext("The writer asks for advice too now.")
    assert line in frame["parts"][0]["html"]
    reader = client_for(other_member)
    page = page_of(reader, f"/dilemmas/{thread.pk}/")
    assert line in page
    assert closed_kinds(page) == []
    assert str(Ask.ADVICE.short) in page_of(reader, "/")


def test_first_ask_leaves_no_line(member: Member) -> None:
    thread = make_thread(member, ask=Ask.ADVICE)

    assert str(Ask.ADVICE.change_line) not in thread.fragments["nl"]["head"]


def test_same_ask_again_changes_nothing(member: Member) -> None:
    dilemma = make_thread(member, ask=Ask.ADVICE).posts.get()
    before = everything()

    asking.change_ask(by=member, dilemma=dilemma, ask=Ask.ADVICE)

    assert everything() == before


def test_line_tells_the_day_and_nothing_finer(member: Member) -> None:
    thread = make_thread(member, under_alias=True, ask=Ask.LISTEN)

    asking.change_ask(by=member, dilemma=thread.posts.get(), ask=Ask.ADVICE)

    thread.refresh_from_db()
    assert type(thread.ask_changed_on) is dt.date
    (day,) = re.findall(r'<time datetime="([^"]*)"', thread.fragments["nl"]["head"])
    assert day == timezone.localdate().isoformat()


def test_owner_asks_for_something_else_under_the_alias(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True, ask=Ask.LISTEN)
    dilemma = thread.posts.get()
    client = owner(client_for(member))

    page = page_of(client, f"/mine/anonymous/{dilemma.pk}/")
    answer = client.post(f"/mine/anonymous/{dilemma.pk}/ask/", {"ask": "advice"})

    assert f'action="/mine/anonymous/{dilemma.pk}/ask/"' in page
    assert answer["Location"] == f"/mine/anonymous/{dilemma.pk}/"
    thread.refresh_from_db()
    assert thread.ask == Ask.ADVICE


def test_ask_of_a_dilemma_that_waits_changes_without_a_word(newcomer: Member) -> None:
    dilemma = make_thread(newcomer, ask=Ask.LISTEN).posts.get()
    number = live.room_number()

    asking.change_ask(by=newcomer, dilemma=dilemma, ask=Ask.ADVICE)

    thread = Thread.objects.get()
    assert (thread.ask, thread.ask_changed_on) == (Ask.ADVICE, None)
    assert (thread.change_number, live.room_number()) == (0, number)


def test_nobody_else_changes_an_ask(member: Member, other_member: Member) -> None:
    dilemma = make_thread(member).posts.get()

    with pytest.raises(PermissionDenied):
        asking.change_ask(by=other_member, dilemma=dilemma, ask=Ask.LISTEN)


def test_author_who_sends_a_lot_waits_before_asking_for_something_else(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, ask=Ask.LISTEN)
    for _time in range(60):
        try:
            limits.count_text(member)
        except ValidationError:
            break

    client_for(member).post(f"/dilemmas/{thread.pk}/ask/", {"ask": "advice"})

    thread.refresh_from_db()
    assert thread.ask == Ask.LISTEN


def test_ask_that_does_not_exist_is_told(member: Member, client_for: ClientFor) -> None:
    thread = make_thread(member, ask=Ask.LISTEN)

    answer = client_for(member).post(
        f"/dilemmas/{thread.pk}/ask/", {"ask": "votes"}, follow=True
    )

    assert gettext("Choose what you want from readers.") in answer.content.decode()
    thread.refresh_from_db()
    assert thread.ask == Ask.LISTEN


@pytest.mark.parametrize("under_alias", [False, True])
def test_an_17_asking_and_marking_answer_strangers_as_if_it_did_not_exist(
    member: Member, other_member: Member, client_for: ClientFor, under_alias: bool
) -> None:
    thread = make_thread(member, under_alias=under_alias)
    dilemma = thread.posts.get()
    question = make_reply(other_member, thread)
    sent = {"ask": "listen", "question": question.pk, "on": "1"}
    stranger = owner(client_for(other_member))
    before = everything()
    known = [
        (f"/dilemmas/{thread.pk}/ask/", "/dilemmas/00000000000000000000/ask/"),
        (f"/posts/{dilemma.pk}/marks/", "/posts/00000000000000000000/marks/"),
        (
            f"/mine/anonymous/{dilemma.pk}/ask/",
            "/mine/anonymous/00000000000000000000/ask/",
        ),
        (
            f"/mine/anonymous/{dilemma.pk}/marks/",
            "/mine/anonymous/00000000000000000000/marks/",
        ),
    ]

    for path, unknown in known:
        assert stranger.post(path, sent).status_code == 404
        assert stranger.post(unknown, sent).status_code == 404

    assert everything() == before


def test_an_17_public_addresses_are_404_for_an_anonymous_author_too(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True)
    question = make_reply(other_member, thread)
    client = owner(client_for(member))

    asked = client.post(f"/dilemmas/{thread.pk}/ask/", {"ask": "listen"})
    marked = client.post(
        f"/posts/{thread.posts.get(kind='dilemma').pk}/marks/",
        {"question": question.pk, "on": "1"},
    )

    assert (asked.status_code, marked.status_code) == (404, 404)
    assert not Post.objects.filter(is_warm=True).exists()


@pytest.mark.parametrize("under_alias", [False, True])
def test_asker_and_author_see_the_mark_and_nobody_else(
    member: Member, other_member: Member, client_for: ClientFor, under_alias: bool
) -> None:
    reader = client_for(make_third())
    thread = make_thread(member, under_alias=under_alias)
    dilemma = thread.posts.get()
    question = make_reply(other_member, thread, under_alias=under_alias)
    base = "/mine/anonymous" if under_alias else "/posts"
    author = client_for(member)
    asker = client_for(other_member)
    public = [f"/dilemmas/{thread.pk}/", f"/posts/{question.pk}/", "/"]
    frame = live.thread_changes(thread, 0, "nl")
    seen = [without_tokens(page_of(reader, path)) for path in public]

    owner(author).post(
        f"{base}/{dilemma.pk}/marks/", {"question": question.pk, "on": "1"}
    )

    told = gettext(
        "The writer of the dilemma marked your question: “This question touches me.” "
        "Only the two of you see that."
    )
    own_page = page_of(owner(asker), f"{base}/{question.pk}/")
    assert told in own_page
    assert gettext("Take the mark back") in page_of(author, f"{base}/{dilemma.pk}/")
    assert [without_tokens(page_of(reader, path)) for path in public] == seen
    assert live.thread_changes(thread, 0, "nl") == frame
    if under_alias:
        assert told not in page_of(asker, f"/posts/{question.pk}/")


def test_mark_is_taken_back(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    dilemma = thread.posts.get()
    question = make_reply(other_member, thread)
    client = client_for(member)

    for on, is_warm in (("1", True), ("0", False)):
        client.post(f"/posts/{dilemma.pk}/marks/", {"question": question.pk, "on": on})
        question.refresh_from_db()
        assert question.is_warm == is_warm


def test_only_questions_of_the_own_conversation_are_marked(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    dilemma = make_thread(member).posts.get()
    elsewhere = make_reply(make_third(), make_thread(other_member))
    support = make_reply(other_member, dilemma.thread, kind="support")
    client = client_for(member)

    for post in (elsewhere, support, dilemma):
        answer = client.post(
            f"/posts/{dilemma.pk}/marks/", {"question": post.pk, "on": "1"}
        )
        assert answer.status_code == 404

    assert not Post.objects.filter(is_warm=True).exists()


def test_author_of_a_reply_can_ask_and_mark_nothing(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    reply = make_reply(other_member, thread)
    client = client_for(other_member)

    assert client.post(f"/posts/{reply.pk}/marks/", {}).status_code == 404
    assert "/ask/" not in page_of(client, f"/posts/{reply.pk}/")


def test_withdrawn_dilemma_asks_for_nothing(
    member: Member, client_for: ClientFor
) -> None:
    dilemma = make_thread(member).posts.get()
    posting.withdraw_post(by=member, post=dilemma)
    client = client_for(member)

    answer = client.post(f"/dilemmas/{dilemma.thread_id}/ask/", {"ask": "listen"})

    assert answer.status_code == 404


def make_third() -> Member:
    return make_member(display_name="Derk")


def without_tokens(page: str) -> str:
    return "\n".join(
        line
        for line in page.splitlines()
        if "csrf" not in line and 'name="form_key"' not in line
    )
