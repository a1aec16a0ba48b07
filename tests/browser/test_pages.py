from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import Person, Room
from tests.browser.writing import fill_reply, fill_thread, new_words, reply, share

# What there is to read, without the line that says what is new to this reader.
READABLE = """() => [...document.querySelectorAll(
  "#thread-head, .post-opening, #replies-list > [id^=post-], #thread-foot")]
  .map((each) => each.outerHTML)"""


@pytest.fixture
def writer(come_in: Callable[..., Person]) -> Person:
    return come_in("karin@voorbeeld.nl")


@pytest.fixture
def reader(come_in: Callable[..., Person]) -> Person:
    return come_in("hanneke@voorbeeld.nl")


@pytest.fixture
def thread(writer: Person) -> str:
    return share(writer, new_words("Waar stond dat ook weer"))


def test_new_reply_on_a_later_page_is_led_to(
    room: Room, writer: Person, reader: Person, thread: str
) -> None:
    fill_thread(room, thread, 21)
    page = _open(reader, thread)
    before = page.evaluate(READABLE)
    post = reply(writer, thread, new_words("Op de tweede bladzijde"))

    pill = page.locator("a.pill")
    expect(pill).to_have_attribute("href", f"{thread}?page=2#post-{post}")
    assert page.evaluate(READABLE) == before
    pill.click()

    expect(page.locator(f"#post-{post}")).to_be_in_viewport()
    expect(page.locator("#replies-list > .post")).to_have_count(2)
    expect(page.locator("[aria-current=page]")).to_have_text("2")


def test_reply_that_opens_a_page_is_led_to_from_the_full_one(
    room: Room, writer: Person, reader: Person, thread: str
) -> None:
    fill_thread(room, thread, 20)
    page = _open(reader, thread)
    expect(page.locator("nav.pages")).to_have_count(0)

    post = reply(writer, thread, new_words("De eerste van een nieuwe bladzijde"))

    page.locator("a.pill").click()
    page.wait_for_url(f"**{thread}?page=2#post-{post}")
    expect(page.locator("#replies-list > .post")).to_have_count(1)


def test_what_belongs_here_is_shown_and_the_rest_is_led_to(
    room: Room, writer: Person, reader: Person, thread: str
) -> None:
    fill_thread(room, thread, 19)
    reader.page.clock.install()
    page = _open(reader, thread)
    last = reply(writer, thread, new_words("De laatste hier"))
    other = reply(writer, thread, new_words("De eerste daar"))
    page.clock.run_for(1000)
    expect(page.locator("button.pill")).to_be_visible()

    with page.expect_response(_is_read_mark):
        page.locator("button.pill").click()

    expect(page.locator(f"#post-{last}")).to_be_focused()
    live = [each.replace(' tabindex="-1"', "") for each in page.evaluate(READABLE)]
    page.clock.run_for(61_000)
    expect(page.locator("a.pill")).to_have_attribute(
        "href", f"{thread}?page=2#post-{other}"
    )
    page.reload()
    assert page.evaluate(READABLE) == live
    expect(page.locator(".to-unread a")).to_have_attribute(
        "href", f"{thread}?page=2#since"
    )


def test_reading_goes_on_page_by_page(
    room: Room, reader: Person, writer: Person, thread: str
) -> None:
    posts = fill_thread(room, thread, 45)

    def has_news() -> str | None:
        card = reader.go("/").locator(
            ".dilemma", has=reader.page.locator(f"a[href='{thread}']")
        )
        expect(card).to_be_visible()
        badge = card.locator(".badge-new")
        return badge.text_content() if badge.count() else None

    with reader.page.expect_response(_is_read_mark):
        reader.go(thread)
    assert has_news() == "Iets nieuws"
    reader.go(thread).locator(".to-unread a").click()
    page = reader.page
    expect(page.locator("#since")).to_be_in_viewport()
    expect(page.locator("#since + article")).to_have_id(f"post-{posts[20]}")
    assert has_news() == "Iets nieuws"
    with page.expect_response(_is_read_mark):
        reader.go(f"{thread}?page=3")

    assert has_news() is None


def test_without_script_the_pages_are_links(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    posts = fill_thread(room, thread, 65)
    reader = come_in(
        "hanneke@voorbeeld.nl",
        java_script_enabled=False,
        viewport={"width": 320, "height": 700},
    )
    page = reader.go(thread)

    page.locator("nav.pages a[rel=next]").click()
    expect(page.locator(f"#post-{posts[20]}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator("details.more-fields summary").click()
    expect(page.locator(".post-opening")).to_be_visible()
    page.locator("nav.pages li a").last.click()
    expect(page.locator(f"#post-{posts[64]}")).to_be_visible()
    fill_reply(page, new_words("Tot slot"))
    page.locator("#composer button.button").click()

    expect(page.locator("#sent")).to_be_visible()
    expect(page.locator("#replies-list > .post")).to_have_count(6)


def _open(person: Person, path: str) -> Page:
    """The page, when its socket has told where things stand."""
    with person.page.expect_websocket() as socket:
        person.go(path)
    socket.value.wait_for_event("framereceived")
    return person.page


def _is_read_mark(response: Response) -> bool:
    return response.url.endswith("/read/") and response.status == 204
