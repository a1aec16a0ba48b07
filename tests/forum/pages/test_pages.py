from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Member
from forum import curating, live, posting, subscribing
from forum.forms import new_form_key
from forum.fragments import empty_part
from forum.models import Post, Thread
from tests.factories import make_member, make_replies, make_reply, make_thread
from tests.people import ClientFor
from tests.plans import plans_of

PART = re.compile(
    r'(?s)<(article|p|header|div)\b[^>]* id="(post-\w+|thread-head|thread-foot)".*?</\1>'
)


@pytest.fixture
def replies(other_member: Member) -> list[Post]:
    return make_replies(other_member, make_thread(other_member), 45)


@pytest.fixture
def thread(replies: list[Post]) -> Thread:
    return Thread.objects.get()


@pytest.fixture
def reader(member: Member, client_for: ClientFor) -> Client:
    return client_for(member)


def path_of(thread: Thread, page: int | str = 1) -> str:
    return f"/dilemmas/{thread.pk}/" + ("" if page == 1 else f"?page={page}")


def page_of(client: Client, thread: Thread, page: int | str = 1) -> str:
    answer = client.get(path_of(thread, page))
    assert answer.status_code == 200
    return answer.content.decode()


def shown_on(page: str) -> list[str]:
    replies = page.split('id="replies-list"')[1].split('id="thread-foot"')[0]
    return re.findall(r'id="post-(\w+)"', replies)


def pager_of(page: str) -> list[tuple[str, bool]]:
    """The addresses of the pager in order, and whether each is the page itself."""
    if '<nav class="pages"' not in page:
        return []
    pager = page.split('<nav class="pages"')[1].split("</nav>")[0]
    return [
        (re.findall('href="([^"]*)"', link)[0].split("#")[0], "aria-current" in link)
        for link in re.findall("<a [^>]*>", pager)
    ]


def test_page_shows_twenty_replies_and_its_own(
    reader: Client, thread: Thread, replies: list[Post]
) -> None:
    pages = [shown_on(page_of(reader, thread, number)) for number in (1, 2, 3)]

    pks = [post.pk for post in replies]
    assert pages == [pks[:20], pks[20:40], pks[40:]]


@pytest.mark.parametrize(
    ("wish", "nearest"),
    [
        ("", 1),
        ("0", 1),
        ("-1", 1),
        ("1", 1),
        ("een", 1),
        ("2.5", 1),
        ("1 OR 1=1", 1),
        ("\x00", 1),
        ("²", 1),
        ("٢", 2),
        ("3", 3),
        ("4", 3),
        ("9" * 5000, 3),
    ],
)
def test_every_wish_gives_the_nearest_page(
    reader: Client, thread: Thread, wish: str, nearest: int
) -> None:
    answer = reader.get(path_of(thread), {"page": wish})

    assert answer.status_code == 200
    assert answer.context["page"].number == nearest


def test_head_foot_and_composer_stand_on_every_page_and_the_dilemma_is_at_hand(
    reader: Client, thread: Thread
) -> None:
    dilemma = f'id="post-{thread.posts.get(kind="dilemma").pk}"'
    for number in (1, 2, 3):
        page = page_of(reader, thread, number)

        for part in ("thread-head", "thread-foot", "composer", "replies"):
            assert page.count(f'id="{part}"') == 1
        assert f'action="/dilemmas/{thread.pk}/replies/#answer"' in page
        assert page.count(dilemma) == 1
        opening = page.split('<div class="opening">')[1].split('id="replies"')[0]
        folded = opening.split("<details")[1:]
        assert bool(folded) == (number > 1)
        assert not folded or dilemma in folded[0].split("</details>")[0]


def test_pager_leads_to_every_neighbour(reader: Client, thread: Thread) -> None:
    first, second, third = (path_of(thread, number) for number in (1, 2, 3))
    all_of_them = [first, second, third]

    pagers = [pager_of(page_of(reader, thread, number)) for number in (1, 2, 3)]

    assert [[address for address, _ in pager] for pager in pagers] == [
        [*all_of_them, second],
        [first, *all_of_them, third],
        [second, *all_of_them],
    ]
    current = [[address for address, is_it in pager if is_it] for pager in pagers]
    assert current == [[first], [second], [third]]


def test_long_conversation_has_few_numbers(
    reader: Client, other_member: Member
) -> None:
    thread = make_thread(other_member)
    Thread.objects.filter(pk=thread.pk).update(reply_count=400)

    pager = pager_of(page_of(reader, thread, 10))

    numbers = [1, 9, 10, 11, 20]
    assert [address for address, _ in pager] == [
        path_of(thread, number) for number in [9, *numbers, 11]
    ]


def test_conversation_of_twenty_replies_has_one_page(
    reader: Client, other_member: Member
) -> None:
    thread = make_thread(other_member)
    assert pager_of(page_of(reader, thread)) == []

    make_replies(other_member, thread, 20)

    assert pager_of(page_of(reader, thread)) == []
    make_replies(other_member, thread, 1)
    assert len(pager_of(page_of(reader, thread))) == 3


def test_text_that_went_keeps_its_line_and_no_page_shifts(
    reader: Client, thread: Thread, replies: list[Post], other_member: Member
) -> None:
    before = [shown_on(page_of(reader, thread, number)) for number in (1, 2, 3)]

    posting.withdraw_post(by=other_member, post=replies[0])
    curating.remove(replies[20], version=1, reason="R03", message="")

    after = [shown_on(page_of(reader, thread, number)) for number in (1, 2, 3)]
    assert after == before


def test_answer_to_a_reply_shows_the_last_page(reader: Client, thread: Thread) -> None:
    form = {"kind": "support", "source": "Ik las dat.", "form_key": new_form_key()}

    refused = reader.post(f"{path_of(thread)}replies/", {**form, "kind": ""})
    answer = reader.post(f"{path_of(thread)}replies/", form)

    assert (refused.status_code, refused.context["page"].number) == (422, 3)
    assert (answer.status_code, answer.context["page"].number) == (200, 3)
    sent = answer.context["sent"].post
    page = answer.content.decode()
    assert shown_on(page)[-1] == sent.pk
    assert f'href="{sent.address}"' in page.split('id="replies"')[0]


def test_links_to_a_text_lead_to_its_page(
    reader: Client, thread: Thread, replies: list[Post], other_member: Member
) -> None:
    quoted = replies[24]
    answer = make_reply(make_member(), thread, answers=quoted)
    address = f"{path_of(thread, 2)}#post-{quoted.pk}"
    posting.edit_post(by=other_member, post=quoted, version=1, source="Over klachten.")

    def links(path: str) -> list[str]:
        page = reader.get(path).content.decode()
        return [
            href.replace("&amp;", "&") for href in re.findall('href="([^"]*)"', page)
        ]

    for path in (
        path_of(thread, 3),
        f"/posts/{answer.pk}/",
        f"/posts/{quoted.pk}/",
        f"/posts/{quoted.pk}/history/",
        f"/posts/{quoted.pk}/flag/",
        "/search/?q=klachten",
    ):
        assert address in links(path), path
    reply = f"{path_of(thread)}?answer={quoted.pk}&page=2#composer"
    assert reply in links(path_of(thread, 2))
    page = reader.get(reply)
    assert page.context["page"].number == 2
    assert f'href="#post-{quoted.pk}"' in page.content.decode()
    elsewhere = reader.get(path_of(thread), {"answer": quoted.pk}).content.decode()
    assert f'href="{address}"' in elsewhere.split('id="composer"')[1]
    quote = f"{path_of(thread)}?quote={quoted.pk}&page=2#composer"
    assert quote in links(f"/posts/{quoted.pk}/")


@pytest.mark.parametrize(("read_to", "page"), [(11, 1), (21, 2), (31, 2), (45, 3)])
def test_first_unread_is_found_from_every_page(
    reader: Client, member: Member, thread: Thread, read_to: int, page: int
) -> None:
    subscribing.mark_read(by=member, thread=thread, number=read_to)
    first = thread.posts.get(published_number=read_to + 1)

    for number in (1, 2, 3):
        text = page_of(reader, thread, number)
        (link,) = re.findall('<p class="to-unread"><a href="([^"]*)"', text)
        is_here = number == page
        assert link == ("#since" if is_here else f"{path_of(thread, page)}#since")
        assert text.count('id="since"') == is_here
        if is_here:
            following = text.split('id="since"')[1]
            assert re.findall(r'id="post-(\w+)"', following)[0] == first.pk


def test_page_marks_as_read_only_when_no_page_before_it_is_unread(
    reader: Client, member: Member, thread: Thread
) -> None:
    def marking() -> list[bool]:
        texts = [page_of(reader, thread, number) for number in (1, 2, 3)]
        return [f'data-read="{path_of(thread)}read/"' in text for text in texts]

    assert marking() == [True, False, False]
    for read_to, marks in (
        (11, [True, False, False]),
        (21, [True, True, False]),
        (41, [True, True, True]),
        (46, [True, True, True]),
    ):
        subscribing.mark_read(by=member, thread=thread, number=read_to)
        assert marking() == marks
    last = [page_of(reader, thread, number) for number in (1, 2, 3)]
    assert ["data-is-last" in text for text in last] == [False, False, True]


def test_lines_tell_how_far_was_read_like_texts(
    reader: Client, thread: Thread, replies: list[Post], other_member: Member
) -> None:
    posting.withdraw_post(by=other_member, post=replies[19])

    page = page_of(reader, thread).split('id="replies-list"')[1]

    numbers = re.findall('data-published="([0-9]+)"', page)
    assert numbers == [str(number) for number in range(2, 22)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_state_plus_events_equals_a_fresh_page(
    reader: Client,
    thread: Thread,
    replies: list[Post],
    other_member: Member,
    number: int,
) -> None:
    state = dict(parts_of(page_of(reader, thread, number)))
    curating.hide(replies[30], version=1, reason="R03", message="")
    posting.withdraw_post(by=other_member, post=replies[2])
    make_replies(other_member, thread, 17)
    posting.edit_post(by=other_member, post=replies[44], version=1, source="Anders.")
    posting.withdraw_post(by=other_member, post=thread.posts.get(kind="dilemma"))

    frame = live.thread_changes(thread, thread.change_number, "nl")

    for part in frame["parts"]:
        assert part["html"] != empty_part(part["id"])
        is_here = part["is_new"] and page_with(part["place"]) == number
        if part["id"] in state or is_here:
            state[part["id"]] = part["html"]
    fresh = page_of(reader, thread, number)
    posts = [shown for shown in parts_of(fresh) if shown[0].startswith("post-")]
    assert [each for each in state.items() if each[0].startswith("post-")] == posts
    assert sorted(state.items()) == sorted(parts_of(fresh))


def parts_of(page: str) -> list[tuple[str, str]]:
    """Id and HTML of what changes live, in the order of the page."""
    return [(found[2], found[0]) for found in PART.finditer(page)]


def page_with(place: int) -> int:
    """As the script works it out."""
    return max(1, -(-place // 20))


def test_queries_and_rows_are_the_same_for_one_page_and_for_ten(
    member: Member, reader: Client, django_assert_num_queries: Any
) -> None:
    author = make_member()
    short, long = make_thread(author), make_thread(author)
    make_replies(author, short, 20)
    make_replies(author, long, 200)
    for thread in (short, long):
        thread.refresh_from_db()
        subscribing.mark_read(by=member, thread=thread, number=5)

    with django_assert_num_queries(8):
        reader.get(path_of(short))
    for number in (1, 5, 10):
        with CaptureQueriesContext(connection) as captured:
            answer = reader.get(path_of(long, number))
        assert len(captured) == 9
        assert len(answer.context["replies"]) == 20
    # Once all was read nobody looks for what is new.
    subscribing.mark_read(by=member, thread=long, number=201)
    with django_assert_num_queries(8):
        reader.get(path_of(long, 5))


def test_page_is_read_through_the_index_of_places(
    member: Member, reader: Client, thread: Thread
) -> None:
    Post.objects.bulk_create(
        Post(
            thread=thread,
            author=member,
            kind="support",
            rendering_version=1,
            state="published",
            was_public=True,
            place=place,
            published_number=place + 1,
        )
        for place in range(46, 3000)
    )
    Thread.objects.update(reply_count=2999, change_number=3000, news_number=3000)
    subscribing.mark_read(by=member, thread=thread, number=1000)

    plans = plans_of(lambda: reader.get(path_of(thread, 100)), "forum_post")

    assert len(plans) == 2
    assert "post_place" in plans[0]
    assert "post_order" in plans[1]
