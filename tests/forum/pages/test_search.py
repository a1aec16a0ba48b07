from __future__ import annotations

import io
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Member
from forum import posting
from forum.search import LONGEST_QUESTION
from tests.factories import SITUATION, make_member, make_reply, make_thread
from tests.people import ClientFor


@pytest.fixture
def reader(db: None, client_for: ClientFor) -> Client:
    return client_for(make_member())


def page_of(client: Client, asked: str, **where: str) -> str:
    answer = client.get("/search/", {"q": asked, **where})
    assert answer.status_code == 200
    return answer.content.decode()


def test_hit_leads_to_its_place_and_marks_the_word(
    member: Member, other_member: Member, reader: Client
) -> None:
    thread = make_thread(member, title="Wat doe ik met deze klacht?")
    reply = make_reply(other_member, thread, source="Welke klachten hoor je **nog**?")

    page = page_of(reader, "klacht")

    assert (
        f'href="/dilemmas/{thread.pk}/">Wat doe ik met deze <mark>klacht</mark>?'
        in page
    )
    assert f'href="/dilemmas/{thread.pk}/#post-{reply.pk}"' in page
    assert ">Welke <mark>klachten</mark> hoor je nog?" in page


def test_text_cannot_bring_markup_into_the_page(member: Member, reader: Client) -> None:
    title = "<script>alert(1)</script> <mark>kanarie?"
    make_thread(member, title=title, source=f"<b>kanarie</b> &lt;i&gt; {SITUATION}")

    page = page_of(reader, 'kanarie"><b>')

    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt; &lt;mark&gt;<mark>kanarie</mark>?"
        in page
    )
    assert "&lt;b&gt;<mark>kanarie</mark>&lt;/b&gt; &amp;lt;i&amp;gt;" in page
    assert page.count("<script>") == 0
    assert "kanarie&quot;&gt;&lt;b&gt;" in page


def test_name_is_shown_and_an_alias_is_one_shape(
    member: Member, other_member: Member, reader: Client
) -> None:
    make_thread(member, title="Met een naam erbij?")
    thread = make_thread(member, title="Zonder een naam erbij?", under_alias=True)

    page = page_of(reader, "erbij")

    assert page.count("Marit") == 1
    assert page.count('class="dilemma"') == 2
    assert str(thread.posts.get().alias) not in page


def test_author_gets_the_bytes_that_others_get(
    member: Member, client_for: ClientFor
) -> None:
    make_thread(member, title="Van wie is dit geheim?", under_alias=True)
    other = make_member(display_name=member.display_name)

    pages = [client_for(each).get("/search/?q=geheim") for each in (member, other)]
    bodies = [without_token(answer) for answer in pages]

    assert bodies[0] == bodies[1]


def without_token(answer: Any) -> str:
    body: str = answer.content.decode()
    assert "<mark>geheim</mark>" in body
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)


def test_withdrawn_dilemma_takes_the_replies_out_of_search(
    member: Member, other_member: Member, reader: Client
) -> None:
    thread = make_thread(member, title="Mag dit wel zo?")
    make_reply(other_member, thread, source="Wat maakt de kanarie stil?")
    assert "<mark>kanarie</mark>" in page_of(reader, "kanarie")

    posting.withdraw_post(by=member, post=thread.posts.get(kind="dilemma"))

    assert "<mark>" not in page_of(reader, "kanarie")


def test_choices_narrow_and_stay_chosen(member: Member, reader: Client) -> None:
    make_thread(member, title="Over het team gaat dit?", category="team")
    make_thread(member, title="Over ouders gaat dit?", category="parents")

    page = page_of(reader, "gaat", theme="parents", state="open")

    assert "Over ouders" in page
    assert "Over het team" not in page
    assert '<option value="parents" selected>' in page
    assert '<option value="open" selected>' in page
    assert 'class="dilemma"' not in page_of(reader, "gaat", state="outcome")


def test_older_pages_keep_the_question(member: Member, reader: Client) -> None:
    thread = make_thread(member, title="Eerste & enige dilemma?", category="team")
    for number in range(20):
        writer = make_member()
        make_reply(writer, thread, source=f"Nummer {number} over dilemma's?")

    first = page_of(reader, 'dilemma\'s & "dilemma"', theme="team")
    link = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = reader.get("/search/" + link.replace("&amp;", "&")).content.decode()

    assert first.count('class="dilemma"') == 20
    assert second.count('class="dilemma"') == 1
    assert "Nummer 19" in second
    assert 'rel="next"' not in second


def test_page_costs_the_same_queries_for_any_number_of_hits(
    member: Member, reader: Client, django_assert_num_queries: Any
) -> None:
    make_thread(member, title="Eerste dilemma met kanarie?")
    with django_assert_num_queries(4):
        page_of(reader, "kanarie")
    for _number in range(10):
        make_thread(make_member(), title="Nog een kanarie?", under_alias=True)

    with django_assert_num_queries(4):
        page = page_of(reader, "kanarie")

    assert page.count('class="dilemma"') == 11


def test_nothing_found_is_kind_and_offers_a_way_on(reader: Client) -> None:
    page = page_of(reader, "kanarie<b>")
    narrowed = page_of(reader, "kanarie & co", theme="team")

    assert "kanarie&lt;b&gt;" in page
    assert 'href="/#themes"' in page
    assert 'href="?q=kanarie%20%26%20co"' in narrowed


@pytest.mark.parametrize("asked", ["", "   ", "de het een", "!?", '""'])
def test_question_without_words_finds_nothing_and_does_no_harm(
    member: Member, reader: Client, asked: str
) -> None:
    make_thread(member)

    assert 'class="dilemma"' not in page_of(reader, asked)


@pytest.mark.parametrize(
    "asked", ["x" * (LONGEST_QUESTION + 1), "kanarie " * 2_500, '"(*&' * 5_000]
)
def test_question_that_is_too_long_is_refused_with_words(
    reader: Client, asked: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        answer = reader.get("/search/", {"q": asked})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?q=school&before=abc",
        "?q=school&before=-1",
        "?q=school&before=999999999999999999",
        "?q=school&before=9999999999999999999",
        "?q=school&before=%C2%B2",
        "?q=school&q=ouders",
        "?q=%00",
        "?q=%ff%fe",
        "?q=school&theme=nonsense",
        "?q=school&state='%20OR%201=1",
    ],
)
def test_strange_addresses_are_answered(
    member: Member, reader: Client, query: str
) -> None:
    make_thread(member)

    assert reader.get(f"/search/{query}").status_code in {200, 422}


def test_answer_is_kept_by_no_cache_and_sets_nothing(reader: Client) -> None:
    answer = reader.get("/search/?q=school")

    assert answer["Cache-Control"] == "private, no-store"
    assert not answer.has_header("ETag")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    handler = logging.getLogger("kamer").handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    usual = handler.setStream(written)
    yield written
    handler.setStream(usual or sys.stderr)


def test_log_does_not_tell_what_was_looked_for(
    reader: Client, lines: io.StringIO
) -> None:
    page_of(reader, "kanarie")

    assert "forum:search_results GET 200\n" in lines.getvalue()
    assert "kanarie" not in lines.getvalue()


def test_every_member_finds_the_page_in_the_menu(reader: Client) -> None:
    assert 'href="/search/"' in reader.get("/").content.decode()
