from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import Person, Room
from tests.browser.writing import new_words, reply, share

# What there is to read, without the line that says what is new to this reader.
READABLE = """() => [...document.querySelectorAll(
  "#thread-head, .post-opening, #replies-list > [id^=post-], #thread-foot")]
  .map((each) => each.outerHTML)"""
WHERE = "() => [scrollY, document.activeElement.outerHTML.slice(0, 200)]"
# A headless tab is always in front: here a test says whether it is.
HIDING = """
  let isHidden = false;
  Object.defineProperty(document, "hidden", { get: () => isHidden });
  window.hide = (value) => {
    isHidden = value;
    document.dispatchEvent(new Event("visibilitychange"));
  };
"""
SOON = 15_000  # a lost socket comes back after a random pause that grows


@pytest.fixture
def writer(come_in: Callable[..., Person]) -> Person:
    return come_in("gerben@voorbeeld.nl")


@pytest.fixture
def reader(come_in: Callable[..., Person]) -> Person:
    return come_in("hanneke@voorbeeld.nl")


@pytest.fixture
def thread(writer: Person) -> str:
    return share(writer, new_words("Wat gebeurt er ondertussen"))


def test_new_reply_waits_behind_the_pill_and_moves_nothing(
    room: Room, writer: Person, reader: Person, thread: str
) -> None:
    page = _open(reader, thread)
    page.locator(".post-opening .post-foot a").last.focus()
    page.mouse.wheel(0, 200)
    page.wait_for_function("scrollY > 0")
    words, where = new_words("Nieuw"), page.evaluate(WHERE)

    post = reply(writer, thread, words)

    expect(page.locator(".pill")).to_be_visible()
    assert page.evaluate(WHERE) == where
    expect(page.locator("#replies-list")).not_to_contain_text(words)
    page.locator(".pill").click()
    expect(page.locator(f"#post-{post}")).to_be_focused()
    expect(page.locator(f"#post-{post}")).to_be_in_viewport()
    expect(page.locator(".pill")).to_have_count(0)


def test_pill_is_silent_while_somebody_types_and_hides_no_text(
    writer: Person, reader: Person, thread: str
) -> None:
    page = _open(reader, thread)
    area = page.locator("#composer textarea[name=source]")
    area.press_sequentially("Ik ben nog aan het")

    reply(writer, thread, new_words("Tussendoor"))
    area.press_sequentially(" schrijven")

    expect(page.locator(".pill")).to_have_count(0)
    expect(area).to_be_focused()
    expect(area).to_have_value("Ik ben nog aan het schrijven")
    expect(page.locator(".pill")).to_have_count(1, timeout=SOON)
    expect(page.locator(".pill")).to_be_hidden()
    area.blur()
    expect(page.locator(".pill")).to_be_visible()


def test_edited_post_is_replaced_in_place(
    writer: Person, reader: Person, thread: str
) -> None:
    words, better = new_words("Eerst dit"), new_words("Daarna dat")
    post = reply(writer, thread, words)
    page = _open(reader, thread)
    page.locator(f"#post-{post} .post-foot a").first.focus()
    scrolled = page.evaluate("scrollY")

    page_of_writer = writer.go(f"/posts/{post}/edit/")
    page_of_writer.locator("textarea[name=source]").fill(better)
    page_of_writer.locator("main form button.button").click()

    expect(page.locator(f"#post-{post}")).to_contain_text(better)
    expect(page.locator("#replies-list")).not_to_contain_text(words)
    expect(page.locator(".pill")).to_have_count(0)
    assert page.evaluate("scrollY") == scrolled
    assert page.evaluate(
        "(id) => document.getElementById(id).contains(document.activeElement)",
        f"post-{post}",
    )


def test_withdrawn_post_becomes_a_line_in_place(
    writer: Person, reader: Person, thread: str
) -> None:
    words = new_words("Dit haal ik weg")
    post = reply(writer, thread, words)
    page = _open(reader, thread)

    writer.go(f"/posts/{post}/withdraw/").locator("main form button").click()

    expect(page.locator(f"#post-{post}.line-note")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(words)


def test_withdrawn_post_behind_the_pill_never_shows_its_words(
    writer: Person, reader: Person, thread: str
) -> None:
    page = _open(reader, thread)
    words = new_words("Te vroeg verstuurd")
    post = reply(writer, thread, words)
    expect(page.locator(".pill")).to_be_visible()

    with _frame(reader):
        writer.go(f"/posts/{post}/withdraw/").locator("main form button").click()
    page.locator(".pill").click()

    expect(page.locator(f"#post-{post}.line-note")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(words)


def test_who_was_offline_sees_what_a_reload_shows(
    writer: Person, reader: Person, thread: str
) -> None:
    reader.loses_connection = True
    edited = reply(writer, thread, new_words("Blijft niet zo"))
    page = _open(reader, thread)

    reader.context.set_offline(True)
    words, better = new_words("Gemist"), new_words("Aangepast")
    reply(writer, thread, words)
    form = writer.go(f"/posts/{edited}/edit/")
    form.locator("textarea[name=source]").fill(better)
    form.locator("main form button.button").click()
    reader.context.set_offline(False)

    expect(page.locator(".pill")).to_be_visible(timeout=SOON)
    page.locator(".pill").click()
    _expect_as_after_a_reload(page, [words, better])


def test_server_that_comes_back_is_caught_up_with_and_nothing_reloads(
    room: Room, writer: Person, reader: Person, thread: str
) -> None:
    reader.loses_connection = writer.loses_connection = True
    page = _open(reader, thread)
    list_page = _open(reader, "/", reader.open())
    loads: list[str] = []
    for each in (page, list_page):
        each.on("load", lambda page: loads.append(page.url))

    room.kill()
    expect(page.locator("#behind")).to_be_visible(timeout=SOON)
    room.start()
    words = new_words("Na de storing")
    reply(writer, thread, words)

    expect(page.locator(".pill")).to_be_visible(timeout=45_000)
    expect(page.locator("#behind")).to_be_hidden()
    expect(list_page.locator("#behind")).to_be_hidden(timeout=45_000)
    assert loads == []
    page.locator(".pill").click()
    _expect_as_after_a_reload(page, [words])


def test_signing_out_in_one_tab_ends_the_other_within_five_seconds(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    person = come_in("ilse@voorbeeld.nl", afresh=True)
    other = person.open()
    closed: list[bool] = []
    other.on(
        "websocket", lambda socket: socket.on("close", lambda _: closed.append(True))
    )
    _open(person, thread, other)

    person.page.locator("details.menu summary").click()
    person.page.locator(".menu-panel form button").click()

    other.wait_for_url("**/accounts/login/**", timeout=5_000)
    assert closed


def test_signing_out_in_one_tab_leaves_a_text_in_the_other(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    person = come_in("ilse@voorbeeld.nl", afresh=True)
    other = _open(person, thread, person.open())
    area = other.locator("#composer textarea[name=source]")
    area.fill("Half af, en niet weg")

    person.page.locator("details.menu summary").click()
    person.page.locator(".menu-panel form button").click()

    expect(other.locator("#behind")).to_be_visible()
    expect(area).to_have_value("Half af, en niet weg")
    other.locator("#composer input[value=support]").check()
    other.locator("#composer button.button").click()
    expect(other.locator("h1")).to_have_text("Je bent uitgelogd")
    expect(other.locator("main textarea")).to_have_value("Half af, en niet weg")


def test_pill_is_announced_once_a_minute_at_most(
    writer: Person, reader: Person, thread: str
) -> None:
    reader.page.clock.install()
    page = _open(reader, thread)
    reply(writer, thread, new_words("Eerste"))
    expect(page.locator(".pill")).to_be_visible()
    page.locator(".pill").click()

    with _frame(reader):
        words = new_words("Tweede")
        reply(writer, thread, words)
    page.clock.run_for(50_000)
    expect(page.locator(".pill")).to_have_count(0)
    page.clock.run_for(11_000)

    expect(page.locator(".pill")).to_be_visible()
    page.locator(".pill").click()
    expect(page.locator("#replies-list")).to_contain_text(words)


def test_hidden_tab_says_nothing_until_it_is_looked_at(
    writer: Person, reader: Person, thread: str
) -> None:
    reader.page.add_init_script(HIDING)
    page = _open(reader, thread)
    page.evaluate("hide(true)")

    with _frame(reader):
        reply(writer, thread, new_words("Achter je rug"))
    expect(page.locator("#news")).to_be_empty()
    page.evaluate("hide(false)")

    expect(page.locator(".pill")).to_be_visible()


def test_new_stays_until_the_thread_was_really_shown(
    writer: Person, reader: Person, thread: str
) -> None:
    def badges() -> int:
        card = reader.go("/").locator(
            ".dilemma", has=reader.page.locator(f"a[href='{thread}']")
        )
        expect(card).to_be_visible()
        return card.locator(".badge-new").count()

    assert badges() == 1
    page = reader.open()
    page.add_init_script(HIDING.replace("isHidden = false", "isHidden = true"))
    page.goto(reader.room.url + thread)
    page.wait_for_timeout(500)
    assert badges() == 1

    with page.expect_response(_is_read_mark):
        page.evaluate("hide(false)")
    assert badges() == 0


def test_reply_behind_the_pill_counts_as_new_until_it_is_shown(
    writer: Person, reader: Person, thread: str
) -> None:
    page = reader.open()
    with page.expect_response(_is_read_mark):
        _open(reader, thread, page)
    reply(writer, thread, new_words("Nog niet gelezen"))
    expect(page.locator(".pill")).to_be_visible()

    card = reader.go("/").locator(
        ".dilemma", has=reader.page.locator(f"a[href='{thread}']")
    )
    expect(card.locator(".badge-new")).to_have_text("Iets nieuws")
    with page.expect_response(_is_read_mark):
        page.locator(".pill").click()
    reader.page.reload()

    expect(card).to_be_visible()
    expect(card.locator(".badge-new")).to_have_count(0)


def test_replies_since_the_last_visit_stand_under_a_line(
    writer: Person, reader: Person, thread: str
) -> None:
    with reader.page.expect_response(_is_read_mark):
        _open(reader, thread)
    words = new_words("Terwijl je weg was")
    reader.go("/rules/")
    post = reply(writer, thread, words)

    page = reader.go(thread)

    line = page.locator("#replies-list > .since")
    expect(line).to_have_text("Nieuw sinds je vorige bezoek")
    assert line.evaluate("line => line.nextElementSibling.id") == f"post-{post}"


def test_new_dilemma_waits_behind_the_pill_of_the_list(
    writer: Person, reader: Person
) -> None:
    page = _open(reader, "/")
    page.mouse.wheel(0, 300)
    page.wait_for_function("scrollY > 0")
    title, where = new_words("Net gedeeld"), page.evaluate(WHERE)

    share(writer, title)

    expect(page.locator(".pill")).to_be_visible()
    assert page.evaluate(WHERE) == where
    expect(page.locator("main")).not_to_contain_text(title)
    page.locator(".pill").click()
    expect(page.locator(".dilemma", has_text=title)).to_be_visible()


def _open(person: Person, path: str, page: Page | None = None) -> Page:
    """The page, when its socket has told where things stand."""
    page = page or person.page
    with _frame(person, '"number"'):
        page.goto(person.room.url + path)
    return page


@contextmanager
def _frame(person: Person, like: str = '"parts": [{') -> Iterator[None]:
    """Ends when one more frame came: one that changes something, or one ``like`` it."""

    def frames() -> int:
        return sum(each.startswith("{") and like in each for each in person.received)

    before = frames()
    yield
    for _ in range(200):
        if frames() > before:
            return
        person.page.wait_for_timeout(50)
    pytest.fail("No frame came.")


def _is_read_mark(response: Response) -> bool:
    return response.url.endswith("/read/") and response.status == 204


def _expect_as_after_a_reload(page: Page, words: list[str]) -> None:
    for each in words:
        expect(page.locator("#replies-list")).to_contain_text(each)
    # What the pill showed bears a mark that made it ready for the focus.
    live = [each.replace(' tabindex="-1"', "") for each in page.evaluate(READABLE)]
    page.reload()
    assert page.evaluate(READABLE) == live
