from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person, Room
from tests.browser.writing import new_words, reply, share

# Selects all words of an element, as a reader would.
SELECT = """(selector) => {
  const words = document.querySelector(selector).firstChild.firstChild;
  getSelection().setBaseAndExtent(words, 0, words, words.length);
}"""


@pytest.fixture
def writer(come_in: Callable[..., Person]) -> Person:
    return come_in("jeroen@voorbeeld.nl")


@pytest.fixture
def reader(come_in: Callable[..., Person]) -> Person:
    return come_in("hanneke@voorbeeld.nl")


@pytest.fixture
def thread(writer: Person) -> str:
    return share(writer, new_words("Wie leest er mee"))


def _source(page: Page) -> str:
    return page.locator("#composer textarea[name=source]").input_value()


def test_selected_words_are_quoted_with_the_keyboard(
    writer: Person, reader: Person, thread: str
) -> None:
    words = new_words("Dit raakte mij")
    post = reply(writer, thread, words)
    page = reader.go(thread)
    area = page.locator("#composer textarea[name=source]")
    area.fill("Ik begon al.")
    page.locator(f"#post-{post} .post-head a, #post-{post} .post-foot a").first.focus()

    page.evaluate(SELECT, f"#post-{post} .text")
    expect(page.locator(".quote-button")).to_have_text("Citeer")
    page.locator(".quote-button").focus()
    page.keyboard.press("Enter")

    expect(area).to_be_focused()
    expect(area).to_be_in_viewport()
    expect(area).to_have_value(f"Ik begon al.\n\n> Jeroen:\n> {words}\n\n")
    expect(page.locator(".quote-button")).to_have_count(0)


def test_selected_words_are_quoted_by_a_press_and_nothing_is_offered_elsewhere(
    writer: Person, reader: Person, thread: str
) -> None:
    words = new_words("Dit ook")
    post = reply(writer, thread, words)
    page = reader.go(thread)

    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    page.wait_for_timeout(500)
    expect(page.locator(".quote-button")).to_have_count(0)
    page.evaluate(SELECT, f"#post-{post} .text")
    page.locator(".quote-button").click()

    assert _source(page) == f"> Jeroen:\n> {words}\n\n"


def test_word_for_the_writer_shows_at_another_reader_in_place(
    room: Room, writer: Person, reader: Person, thread: str
) -> None:
    post = reply(writer, thread, new_words("Herken je dit"))
    page = writer.go(thread)
    expect(page.locator(f"#post-{post} .felt")).to_have_count(0)

    own = reader.go(f"/posts/{post}/")
    own.locator(".reacting button").first.click()
    expect(own.locator(".reacting [aria-pressed=true]")).to_have_text("Herkenbaar")

    expect(page.locator(f"#post-{post} .felt")).to_have_text("Iemand herkent dit.")
    expect(page.locator(".pill")).to_have_count(0)
    own.locator(".reacting [aria-pressed=true]").click()
    expect(own.locator(".reacting [aria-pressed=true]")).to_have_count(0)
    expect(page.locator(f"#post-{post} .felt")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_marked_as_unread_a_thread_leads_to_where_reading_goes_on(
    come_in: Callable[..., Person], writer: Person, thread: str, script: bool
) -> None:
    posts = [reply(writer, thread, new_words("Een reactie")) for _ in range(2)]
    reader = come_in("ilse@voorbeeld.nl", java_script_enabled=script)
    page = reader.go(f"/posts/{posts[1]}/")

    page.locator("form[action$='/unread/'] button").click()

    card = page.locator(".dilemma", has=page.locator(f"a[href='{thread}']"))
    expect(card.locator(".badge-new")).to_have_text("Iets nieuws")
    page = reader.go(thread)
    page.locator(".to-unread a").click()
    expect(page.locator("#since")).to_be_in_viewport()
    following = page.locator("#since + article")
    expect(following).to_have_attribute("id", f"post-{posts[1]}")


def test_without_script_a_reader_reacts_quotes_and_reads_earlier_versions(
    come_in: Callable[..., Person], writer: Person, thread: str
) -> None:
    words, better = new_words("Zo zei ik het"), new_words("Zo bedoel ik het")
    post = reply(writer, thread, words)
    page = writer.go(f"/posts/{post}/edit/")
    page.locator("textarea[name=source]").fill(better)
    page.locator("main form button.button").click()
    reader = come_in("hanneke@voorbeeld.nl", java_script_enabled=False)
    page = reader.go(f"/posts/{post}/")

    page.locator(".reacting button", has_text="Ik leef met je mee").click()
    expect(page.locator(".felt")).to_have_text("Iemand leeft mee.")
    page.locator(".post-foot a[href$='/history/']").click()
    expect(page.locator("main")).to_contain_text(words)
    page.locator(".page-head a").click()
    expect(page.locator(f"#post-{post}")).to_be_in_viewport()
    reader.go(f"/posts/{post}/").locator("main a[href*='quote=']").click()

    assert _source(page) == f"> Jeroen:\n> {better}\n\n"


def test_what_is_found_follows_the_words_and_leaves_no_address(
    writer: Person, reader: Person
) -> None:
    words = new_words("Kwartelkoning in de gymzaal")
    share(writer, words)
    page = reader.go("/search/")
    field = page.locator("input[name=q]")

    field.press_sequentially("kwartelk")
    expect(page.locator("#found mark").first).to_have_text("Kwartelkoning")
    expect(page.locator("#said")).to_have_text("Gevonden")
    expect(field).to_be_focused()
    assert page.url.endswith("/search/")

    field.press_sequentially("uiken")
    expect(page.locator("#found h2")).to_contain_text("kwartelkuiken")
    expect(page.locator("#said")).to_contain_text("kwartelkuiken")
    expect(page.locator("#found mark")).to_have_count(0)

    field.fill("")
    expect(page.locator("#found h2")).to_have_count(0)


def test_author_tells_how_it_turned_out_and_an_open_page_follows(
    writer: Person, reader: Person, thread: str
) -> None:
    other = reader.go(thread)
    words = new_words("Ik heb het gezegd en het luchtte op")
    page = writer.go(thread)
    page.locator(".post-opening .post-foot a").last.click()
    page.get_by_role("link", name="Vertel hoe het afliep").click()

    page.get_by_role("button", name="Plaatsen").last.click()
    expect(page.locator("#errors")).to_contain_text("Kies hoe het er nu voor staat.")
    page.get_by_label("Ik heb gekozen en het schuurt nog").check()
    page.get_by_label("Wat heb je gekozen of gedaan?").fill(words)
    page.get_by_role("button", name="Plaatsen").last.click()

    expect(page.locator("#sent")).to_contain_text("staat online")
    end = other.locator("#thread-foot .outcome")
    expect(end).to_contain_text(words)
    expect(end).to_contain_text("Ik heb gekozen en het schuurt nog")
    expect(other.locator("#thread-head")).to_contain_text("Lees hoe het afliep")
    assert other.locator("#replies-list").inner_text().strip() == ""
