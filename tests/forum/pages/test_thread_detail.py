from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Member
from forum import curating, posting
from forum.forms import new_form_key
from forum.models import Post, Thread
from tests.factories import make_member, make_reply, make_thread
from tests.people import ClientFor

REPLY = "Wat maakt dat dit je zo raakt?"


def sent_form(**fields: str) -> dict[str, str]:
    return {"kind": "question", "source": REPLY, "form_key": new_form_key(), **fields}


def test_reply_answers_200_on_the_same_page(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)

    answer = client_for(member).post(f"/dilemmas/{thread.pk}/replies/", sent_form())

    assert answer.status_code == 200
    assert 'id="sent"' in answer.content.decode()
    assert thread.posts.filter(source=REPLY).count() == 1


def test_reload_of_the_answer_is_still_one_post(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client, form = client_for(member), sent_form()

    answers = [client.post(f"/dilemmas/{thread.pk}/replies/", form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert thread.posts.count() == 2


@pytest.mark.parametrize(
    "words",
    ["", "x" * 20_000, "\x00 een nul", "   \n  "],
    ids=["empty", "over-long", "nul", "blank"],
)
def test_bad_text_gets_an_answer_on_the_page_and_is_kept(
    member: Member, other_member: Member, client_for: ClientFor, words: str
) -> None:
    thread = make_thread(other_member)

    answer = client_for(member).post(
        f"/dilemmas/{thread.pk}/replies/", sent_form(source=words)
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="errors"' in page
    assert words.strip() in page
    assert thread.posts.count() == 1


@pytest.mark.parametrize(
    "words",
    [
        "Sterkte 👩‍👧🏽 met alles 🙏",
        "مرحبا بكم في الغرفة",
        "‮omgekeerd",
        "e\u0301e\u0301n",
    ],
    ids=["emoji", "right-to-left", "override", "combining"],
)
@pytest.mark.parametrize("under_alias", ["", "on"])
def test_text_of_any_script_is_posted(
    member: Member,
    other_member: Member,
    client_for: ClientFor,
    words: str,
    under_alias: str,
) -> None:
    thread = make_thread(other_member)

    answer = client_for(member).post(
        f"/dilemmas/{thread.pk}/replies/",
        sent_form(source=words, under_alias=under_alias),
    )

    assert answer.status_code == 200
    assert thread.posts.count() == 2


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "[klik](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    ],
)
def test_markup_is_shown_as_words_and_runs_nowhere(
    member: Member, other_member: Member, client_for: ClientFor, words: str
) -> None:
    thread = make_thread(other_member)
    make_reply(member, thread, source=words)

    page = client_for(other_member).get(f"/dilemmas/{thread.pk}/").content.decode()

    replies = page.split('id="replies-list"')[1].split('id="thread-foot"')[0]
    assert '<article class="post' in replies
    for dangerous in ("<script", "<img", 'href="javascript', 'href="data'):
        assert dangerous not in replies


def test_expired_form_keeps_the_text_and_goes_through_the_second_time(
    member: Member, other_member: Member, client_for: ClientFor, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    thread = make_thread(other_member)
    client, form = client_for(member), sent_form()
    time_machine.move_to("2026-11-24 10:00+01:00")

    answer = client.post(f"/dilemmas/{thread.pk}/replies/", form)

    assert answer.status_code == 422
    assert REPLY in answer.content.decode()
    form["form_key"] = answer.context["form"]["form_key"].value()
    assert client.post(f"/dilemmas/{thread.pk}/replies/", form).status_code == 200
    assert thread.posts.count() == 2


@pytest.mark.parametrize("form_key", ["", "forged", "a:b:c"])
def test_forged_form_key_is_refused_and_the_text_kept(
    member: Member, other_member: Member, client_for: ClientFor, form_key: str
) -> None:
    thread = make_thread(other_member)

    answer = client_for(member).post(
        f"/dilemmas/{thread.pk}/replies/", sent_form(form_key=form_key)
    )

    assert answer.status_code == 422
    assert REPLY in answer.content.decode()


def test_reply_to_a_locked_thread_is_refused_and_the_text_kept(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    Thread.objects.update(is_locked=True)

    answer = client_for(member).post(f"/dilemmas/{thread.pk}/replies/", sent_form())

    assert answer.status_code == 422
    assert REPLY in answer.content.decode()
    assert thread.posts.count() == 1


def test_other_identity_is_refused_and_the_composer_showed_nothing_of_it(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    make_reply(member, thread, under_alias=True)
    client = client_for(member)

    answer = client.post(f"/dilemmas/{thread.pk}/replies/", sent_form())

    assert answer.status_code == 422
    assert REPLY in answer.content.decode()
    composers = [
        page.content.decode().split('id="composer"')[1].split("</form>")[0]
        for page in (
            client.get(f"/dilemmas/{thread.pk}/"),
            client_for(make_member(display_name="Marit")).get(
                f"/dilemmas/{thread.pk}/"
            ),
        )
    ]
    without_keys = [
        [line for line in composer.splitlines() if 'type="hidden"' not in line]
        for composer in composers
    ]
    assert without_keys[0] == without_keys[1]


@pytest.mark.parametrize("address", ["/dilemmas/{}/", "/dilemmas/{}/changes/"])
def test_absent_held_and_forged_threads_answer_alike(
    newcomer: Member, client_for: ClientFor, address: str
) -> None:
    sent = posting.start_thread(
        by=newcomer,
        title="Een dilemma dat wacht?",
        category="team",
        ask="advice",
        source="Wat zien jullie hierin? " * 12,
        under_alias=False,
        form_key="a",
    )
    client = client_for(newcomer)

    held = client.get(address.format(sent.post.thread_id))
    absent = client.get(address.format("0" * 20))

    assert held.status_code == absent.status_code == 404
    for forged in ("0", "1 OR 1=1", "../../etc", "x" * 300, "%00"):
        assert client.get(f"/dilemmas/{forged}/").status_code == 404


def test_answer_to_a_post_of_another_thread_is_refused(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    elsewhere = make_reply(other_member, make_thread(other_member))

    client_for(member).post(
        f"/dilemmas/{thread.pk}/replies/", sent_form(answers=elsewhere.pk)
    )

    assert Post.objects.get(source=REPLY, thread=thread).answers is None


def test_hidden_reply_leaves_a_line_with_the_reason(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    reply = make_reply(member, thread)
    curating.hide(reply, version=1, reason="R03", message="Te herkenbaar.")

    page = client_for(other_member).get(f"/dilemmas/{thread.pk}/").content.decode()

    assert REPLY not in page
    assert f'id="post-{reply.pk}"' in page
    assert "Te herkenbaar." not in page


def test_withdrawn_dilemma_keeps_the_replies_for_who_has_the_link(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, title="Een titel die verdwijnt?")
    make_reply(other_member, thread)
    posting.withdraw_post(by=member, post=thread.posts.get(kind="dilemma"))

    page = client_for(other_member).get(f"/dilemmas/{thread.pk}/")
    room = client_for(other_member).get("/").content.decode()

    assert page.status_code == 200
    assert REPLY in page.content.decode()
    assert "Een titel die verdwijnt?" not in page.content.decode()
    assert thread.pk not in room


def test_tab_title_is_neutral(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, title="Een titel die niet in het tabblad hoort?")

    page = client_for(other_member).get(f"/dilemmas/{thread.pk}/").content.decode()

    assert "tabblad" not in page.split("<title>")[1].split("</title>")[0]


def test_draft_is_kept_and_opened_without_persona(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client = client_for(member)
    client.post(
        f"/dilemmas/{thread.pk}/replies/", sent_form(keep="1", under_alias="on")
    )

    page = client.get(f"/dilemmas/{thread.pk}/?draft=1").content.decode()

    assert REPLY in page.split('id="composer"')[1]
    assert thread.posts.count() == 1
    switch = page.split('name="under_alias"')[1].split(">")[0]
    assert "checked" not in switch


def test_queries_are_the_same_for_ten_and_for_two_hundred(
    member: Member, client_for: ClientFor, django_assert_num_queries: Any
) -> None:
    authors = [make_member() for _ in range(20)]
    thread = make_thread(authors[0])
    for number in range(10):
        make_reply(authors[number % 20], thread, under_alias=number % 2 == 1)
    client = client_for(member)
    with django_assert_num_queries(8):
        client.get(f"/dilemmas/{thread.pk}/")
    for number in range(190):
        make_reply(authors[number % 20], thread, under_alias=number % 20 % 2 == 1)

    with django_assert_num_queries(8):
        client.get(f"/dilemmas/{thread.pk}/")
