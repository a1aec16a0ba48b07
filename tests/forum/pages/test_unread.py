from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from forum.models import Post, ReadMark, Thread
from tests.factories import make_member, make_reply, make_thread
from tests.people import ClientFor


@pytest.fixture
def posts(other_member: Member) -> list[Post]:
    thread = make_thread(other_member)
    replies = [make_reply(make_member(), thread) for _ in range(3)]
    return [thread.posts.get(kind="dilemma"), *replies]


@pytest.fixture
def reader(posts: list[Post], member: Member, client_for: ClientFor) -> Client:
    client = client_for(member)
    client.post(f"/dilemmas/{posts[0].thread_id}/read/", {"number": "4"})
    return client


def first_unread(reader: Client, thread: Thread) -> str:
    page = reader.get(f"/dilemmas/{thread.pk}/")
    text = page.content.decode()
    first = str(page.context["first_new"])
    assert text.count('href="#since"') == text.count('id="since"') == bool(first)
    return first


def test_from_that_text_on_all_is_unread(reader: Client, posts: list[Post]) -> None:
    thread = posts[0].thread
    assert first_unread(reader, thread) == ""
    assert "badge-new" not in reader.get("/").content.decode()

    answer = reader.post(f"/posts/{posts[2].pk}/unread/")

    assert answer["Location"] == "/"
    assert "badge-new" in reader.get("/").content.decode()
    assert first_unread(reader, thread) == posts[2].pk
    assert ReadMark.objects.count() == 1


def test_from_the_dilemma_on_it_is_as_if_never_read(
    reader: Client, posts: list[Post]
) -> None:
    reader.post(f"/posts/{posts[0].pk}/unread/")

    assert first_unread(reader, posts[0].thread) == ""
    assert not reader.get("/").context["rows"][0].has_news
    assert reader.get("/").context["rows"][0].is_new


def test_reading_again_marks_it_as_read(reader: Client, posts: list[Post]) -> None:
    reader.post(f"/posts/{posts[1].pk}/unread/")

    reader.post(f"/dilemmas/{posts[0].thread_id}/read/", {"number": "4"})

    assert first_unread(reader, posts[0].thread) == ""


def test_mark_of_another_reader_stays(
    reader: Client, posts: list[Post], client_for: ClientFor
) -> None:
    other = client_for(make_member())
    other.post(f"/dilemmas/{posts[0].thread_id}/read/", {"number": "4"})

    reader.post(f"/posts/{posts[1].pk}/unread/")

    assert first_unread(other, posts[0].thread) == ""


def test_an_07_way_back_of_a_read_mark_is_blinded(
    reader: Client, posts: list[Post], member: Member
) -> None:
    traces = [member.pk, member.email, posts[1].pk, posts[1].thread.scope]

    with CaptureQueriesContext(connection) as queries:
        reader.post(f"/posts/{posts[1].pk}/unread/")

    written = [q["sql"] for q in queries if not q["sql"].startswith("SELECT")]
    assert any("forum_readmark" in sql for sql in written)
    assert not [sql for sql in written for trace in traces if trace in sql]


def test_text_that_is_not_in_the_room_is_absent(
    reader: Client, posts: list[Post], newcomer: Member
) -> None:
    held = make_reply(newcomer, posts[0].thread)

    for pk in (held.pk, "0" * 20):
        assert reader.post(f"/posts/{pk}/unread/").status_code == 404


def test_without_a_key_ring_nothing_is_marked(
    reader: Client, posts: list[Post], settings: Any
) -> None:
    settings.ALIAS_KEYS = ()

    assert reader.post(f"/posts/{posts[1].pk}/unread/").status_code in {302, 503}

    assert ReadMark.objects.get().number == 4
