from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Member
from forum import reacting, subscribing
from forum.models import Category, ReactionWord, Thread
from tests.factories import make_member, make_reply, make_thread
from tests.people import ClientFor
from tests.plans import plans_of


def test_visitor_sees_the_landing_page_and_no_dilemma(
    member: Member, client: Client
) -> None:
    make_thread(member, title="Een titel die binnen blijft?")

    page = client.get("/").content.decode()

    assert "Een titel die binnen blijft?" not in page
    assert "/apply/" in page


def test_applicant_is_shown_the_application(
    applicant: Member, client_for: ClientFor
) -> None:
    answer = client_for(applicant).get("/")

    assert answer.status_code == 302
    assert answer["Location"] == "/application/"


def test_list_shows_cards_by_name_and_under_alias_in_one_shape(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    make_thread(member, title="Een dilemma met een naam?")
    make_thread(member, title="Een dilemma zonder naam?", under_alias=True)

    page = client_for(other_member).get("/").content.decode()

    assert "Een dilemma met een naam?" in page
    assert "Een dilemma zonder naam?" in page
    assert page.count("Marit") == 1


@pytest.mark.parametrize(
    ("view", "seen"),
    [
        ("active", {"een", "twee"}),
        ("new", {"een", "twee"}),
        ("unanswered", {"twee"}),
        ("followed", {"een"}),
        ("saved", {"twee"}),
        ("mine", {"een"}),
        ("nonsense", {"een", "twee"}),
    ],
)
def test_views_show_their_own(
    member: Member,
    other_member: Member,
    client_for: ClientFor,
    view: str,
    seen: set[str],
) -> None:
    one = make_thread(member, title="Dilemma nummer een?")
    two = make_thread(member, title="Dilemma nummer twee?", under_alias=True)
    make_reply(other_member, one)
    subscribing.follow(by=member, thread=one, on=True)
    subscribing.save(by=member, thread=two, on=True)

    page = client_for(member).get("/", {"view": view}).content.decode()

    found = {name for name in ("een", "twee") if f"Dilemma nummer {name}?" in page}
    assert found == seen


def test_theme_filters(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    make_thread(member, title="Over het team gaat dit?", category="team")
    make_thread(member, title="Over ouders gaat dit?", category="parents")

    page = client_for(other_member).get("/", {"theme": "parents"}).content.decode()

    assert "Over ouders gaat dit?" in page
    assert "Over het team gaat dit?" not in page


def test_new_is_new_until_it_was_read(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    client = client_for(other_member)
    assert "badge-new" in client.get("/").content.decode()

    client.post(f"/dilemmas/{thread.pk}/read/", {"number": thread.change_number})

    assert "badge-new" not in client.get("/").content.decode()
    make_reply(member, thread)
    assert "badge-new" in client.get("/").content.decode()


def test_older_page_goes_on_where_the_first_ended(
    member: Member, client_for: ClientFor
) -> None:
    authors = [make_member() for _ in range(2)]
    titles = [f"Dilemma met nummer {number:02}?" for number in range(25)]
    for number, title in enumerate(titles):
        make_thread(authors[number % 2], title=title)
    client = client_for(member)
    first = client.get("/")

    older = client.get("/", {"before": first.context["older"]})

    seen = [
        row.thread.title for row in [*first.context["rows"], *older.context["rows"]]
    ]
    assert seen == titles[::-1]


def test_dilemma_rises_at_most_once_a_day(
    member: Member, other_member: Member, client_for: ClientFor, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    first = make_thread(member, title="Het eerste dilemma?")
    make_thread(member, title="Het tweede dilemma?")
    make_reply(other_member, first)
    client = client_for(other_member)

    def order() -> list[str]:
        return [row.thread.title for row in client.get("/").context["rows"]]

    assert order()[0] == "Het tweede dilemma?"
    time_machine.move_to("2026-11-24 09:00+01:00")
    make_reply(other_member, first)
    assert order()[0] == "Het eerste dilemma?"


def test_queries_are_the_same_for_ten_and_for_two_hundred(
    member: Member,
    client_for: ClientFor,
    django_assert_num_queries: Any,
) -> None:
    authors = [make_member() for _ in range(20)]
    for number in range(10):
        make_thread(authors[number % 20])
    client = client_for(member)
    with django_assert_num_queries(7):
        client.get("/")
    for number in range(190):
        make_thread(authors[number % 20])

    with django_assert_num_queries(7):
        client.get("/")


def test_reaction_is_no_news_in_the_list_and_in_the_messages(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client = client_for(member)
    subscribing.follow(by=member, thread=thread, on=True)
    client.post(f"/dilemmas/{thread.pk}/read/", {"number": "1"})

    for _ in range(3):
        reacting.react(
            by=make_member(), post=thread.posts.get(), word=ReactionWord.FEEL
        )

    assert "badge-new" not in client.get("/").content.decode()
    assert client.get("/notifications/").context["news"].threads == []
    make_reply(other_member, thread)
    assert "badge-new" in client.get("/").content.decode()
    assert client.get("/notifications/").context["news"].threads == [thread]


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "thread_order"),
        ({"before": "2000"}, "thread_order"),
        ({"view": "new"}, "thread_newest"),
        ({"view": "unanswered"}, "thread_unanswered"),
        ({"theme": "parents"}, "thread_theme"),
        ({"theme": "parents", "before": "2000"}, "thread_theme"),
    ],
)
@pytest.mark.parametrize("has_muted", [False, True])
def test_page_of_the_list_is_read_through_the_index_of_its_order(
    member: Member,
    client_for: ClientFor,
    asked: dict[str, str],
    index: str,
    has_muted: bool,
) -> None:
    thread = make_thread(member)
    themes = Category.values
    Thread.objects.bulk_create(
        Thread(
            title=thread.title,
            category=themes[number % len(themes)],
            ask=thread.ask,
            was_public=True,
            is_listed=number % 50 > 0,
            has_replies=number % 50 > 1,
            published_number=number,
            risen_number=4000 - number,
            fragments=thread.fragments,
        )
        for number in range(10, 4000)
    )
    if has_muted:
        subscribing.mute(by=member, thread=thread, on=True)
        subscribing.wish_theme(
            by=member, category=Category.SELF, wish=subscribing.ThemeWish.MUTE
        )
    client = client_for(member)

    plan = plans_of(lambda: client.get("/", asked), "forum_thread")[0]

    assert index in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
