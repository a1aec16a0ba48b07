"""What a member follows and muted decides what their own lists show, and nobody else's."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.models import Member
from accounts.shelf import read_shelf
from forum import subscribing
from forum.models import Category, Thread
from forum.notifying import news_for
from forum.subscribing import ThemeWish
from tests.factories import make_thread
from tests.people import ClientFor

pytestmark = pytest.mark.django_db

VIEWS = ("active", "new", "unanswered", "followed", "muted")


@pytest.fixture
def threads(other_member: Member) -> list[Thread]:
    return [
        make_thread(other_member, title="Over het team gaat dit?", category="team"),
        make_thread(other_member, title="Over ouders gaat dit?", category="parents"),
    ]


def seen(client: Client, **query: str) -> set[str]:
    page = client.get("/", query).content.decode()
    return {
        word
        for word in ("team", "ouders")
        if f"Over {word}" in page.replace("het ", "")
    }


def test_muted_thread_leaves_the_lists_and_its_link_still_works(
    member: Member, client_for: ClientFor, threads: list[Thread]
) -> None:
    client = client_for(member)

    client.post(f"/dilemmas/{threads[0].pk}/mute/", {"on": "1"})

    found = {view: seen(client, view=view) for view in VIEWS}
    assert found == {
        "active": {"ouders"},
        "new": {"ouders"},
        "unanswered": {"ouders"},
        "followed": set(),
        "muted": {"team"},
    }
    page = client.get(f"/dilemmas/{threads[0].pk}/")
    assert page.status_code == 200
    client.post(f"/dilemmas/{threads[0].pk}/mute/", {"on": "0"})
    assert seen(client) == {"team", "ouders"}


def test_muted_theme_is_shown_to_whoever_opens_it(
    member: Member, client_for: ClientFor, threads: list[Thread]
) -> None:
    client = client_for(member)

    answer = client.post("/themes/team/subscription/", {"wish": "mute"})

    assert answer["Location"] == "/?theme=team"
    assert seen(client) == {"ouders"}
    assert seen(client, theme="team") == {"team"}
    assert seen(client, view="muted") == {"team"}


def test_muting_is_seen_by_nobody_else(
    member: Member, other_member: Member, client_for: ClientFor, threads: list[Thread]
) -> None:
    before = {view: seen(client_for(other_member), view=view) for view in VIEWS}

    subscribing.mute(by=member, thread=threads[0], on=True)
    subscribing.wish_theme(by=member, category=Category.PARENTS, wish=ThemeWish.MUTE)

    after = {view: seen(client_for(other_member), view=view) for view in VIEWS}
    assert after == before


def test_followed_theme_is_in_the_followed_view_and_in_the_news(
    member: Member, client_for: ClientFor, threads: list[Thread]
) -> None:
    client = client_for(member)

    client.post("/themes/team/subscription/", {"wish": "follow"})

    assert seen(client, view="followed") == {"team"}
    assert [thread.pk for thread in news_for(member).threads] == [threads[0].pk]
    subscribing.mark_read(by=member, thread=threads[0], number=99)
    assert news_for(member).threads == []


def test_followed_theme_brings_no_old_news(
    member: Member, threads: list[Thread]
) -> None:
    subscribing.wish_theme(by=member, category=Category.TEAM, wish=ThemeWish.FOLLOW)
    threads[0].risen_on -= dt.timedelta(15)
    threads[0].save()

    assert news_for(member).threads == []


def test_following_and_muting_end_each_other(
    member: Member, threads: list[Thread]
) -> None:
    subscribing.follow(by=member, thread=threads[0], on=True)
    subscribing.mute(by=member, thread=threads[0], on=True)
    assert read_shelf(member).followed == frozenset()
    assert read_shelf(member).muted == frozenset({threads[0].pk})

    subscribing.follow(by=member, thread=threads[0], on=True)

    assert read_shelf(member).muted == frozenset()


def test_muted_thread_of_a_followed_theme_stays_out(
    member: Member, client_for: ClientFor, threads: list[Thread]
) -> None:
    subscribing.wish_theme(by=member, category=Category.TEAM, wish=ThemeWish.FOLLOW)
    subscribing.mute(by=member, thread=threads[0], on=True)

    assert seen(client_for(member), view="followed") == set()
    assert news_for(member).threads == []


@pytest.mark.parametrize(
    ("theme", "wish"), [("nothing", "mute"), ("team", "hide"), ("team", "")]
)
def test_unknown_theme_or_wish_is_not_there(
    member: Member, client_for: ClientFor, theme: str, wish: str
) -> None:
    answer = client_for(member).post(f"/themes/{theme}/subscription/", {"wish": wish})

    assert answer.status_code == 404
    assert read_shelf(member).muted_themes == frozenset()
