from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person, Room
from tests.browser.writing import (
    SITUATION,
    count,
    fill_dilemma,
    fill_reply,
    new_words,
    press_post,
    share,
)

TWO_SUBMITS = """() => {
  const form = document.querySelector("#composer");
  form.requestSubmit(form.querySelector("button.button"));
  form.requestSubmit(form.querySelector("button.button"));
}"""
# Two tabs that were opened by "copy this tab" send the same form key at once.
SEND_AT_ONCE = """async () => {
  const form = document.querySelector("#composer");
  const send = () => fetch(form.action, { method: "POST", body: new FormData(form) });
  const answers = await Promise.all([send(), send(), send()]);
  return Promise.all(answers.map(async (each) => [each.status, await each.text()]));
}"""


@pytest.fixture
def thread(come_in: Callable[..., Person]) -> str:
    return share(come_in("anouk@voorbeeld.nl"), new_words("Wie begint er"))


def test_double_click_gives_one_reply(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    page = come_in("bram@voorbeeld.nl").go(thread)
    words = new_words("Dubbel geklikt")
    fill_reply(page, words)

    page.locator("#composer button.button").dblclick()

    expect(page.locator("#sent h2")).to_be_visible()
    assert count(room, words) == 1


def test_double_click_gives_one_dilemma(
    room: Room, come_in: Callable[..., Person]
) -> None:
    page = come_in("bram@voorbeeld.nl").go("/dilemmas/new/")
    words = new_words(SITUATION)
    fill_dilemma(page, new_words("Twee keer gedrukt"), words)

    page.locator("#composer button.button").dblclick()

    expect(page.locator("#sent h2")).to_be_visible()
    assert count(room, words) == 1


def test_two_quick_sends_without_script_give_one_reply(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    page = come_in("bram@voorbeeld.nl", java_script_enabled=False).go(thread)
    words = new_words("Zonder script")
    fill_reply(page, words)

    page.locator("#composer button.button").dblclick()

    expect(page.locator("#sent h2")).to_be_visible()
    assert count(room, words) == 1


def test_two_quick_submits_give_one_reply(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    page = come_in("bram@voorbeeld.nl").go(thread)
    words = new_words("Twee keer verstuurd")
    fill_reply(page, words)

    page.evaluate(TWO_SUBMITS)

    expect(page.locator("#sent h2")).to_be_visible()
    assert count(room, words) == 1


def test_simultaneous_sends_of_one_form_all_get_an_answer_and_one_post(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    page = come_in("bram@voorbeeld.nl").go(thread)
    words = new_words("Tegelijk")
    fill_reply(page, words)

    answers = page.evaluate(SEND_AT_ONCE)

    assert [status for status, _page in answers] == [200, 200, 200]
    pages = [text for _status, text in answers]
    assert sum("Je hebt dit al verstuurd" in text for text in pages) == 2
    assert count(room, words) == 1


def test_reloading_the_answer_sends_nothing_new_and_says_so(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    page = come_in("bram@voorbeeld.nl").go(thread)
    words = new_words("Herladen")
    fill_reply(page, words)
    press_post(page)
    expect(page.locator("#sent h2")).to_have_text("Je bericht staat online")

    page.reload()

    expect(page.locator("#sent h2")).to_have_text("Je hebt dit al verstuurd")
    assert count(room, words) == 1
    assert page.locator("#replies-list .post", has_text=words).count() == 1


def test_going_back_and_sending_again_gives_one_post_and_says_so(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    page = come_in("bram@voorbeeld.nl").go(thread)
    words = new_words("Terug en nog eens")
    fill_reply(page, words)
    press_post(page)
    expect(page.locator("#sent h2")).to_have_text("Je bericht staat online")

    page.go_back()
    expect(page.locator("#composer textarea[name=source]")).to_have_value(words)
    press_post(page)

    expect(page.locator("#sent h2")).to_have_text("Je hebt dit al verstuurd")
    assert count(room, words) == 1


def test_going_back_and_sending_something_else_gives_a_second_post(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    page = come_in("bram@voorbeeld.nl").go(thread)
    first, second = new_words("Dit was het eerste"), new_words("Dit is het tweede")
    fill_reply(page, first)
    press_post(page)
    expect(page.locator("#sent h2")).to_be_visible()

    page.go_back()
    expect(page.locator("#composer textarea[name=source]")).to_have_value(first)
    fill_reply(page, second)
    press_post(page)

    expect(page.locator("#sent h2")).to_have_text("Je bericht staat online")
    assert (count(room, first), count(room, second)) == (1, 1)


def test_first_press_sends_while_the_keyboard_is_open(
    room: Room, come_in: Callable[..., Person]
) -> None:
    page = come_in("bram@voorbeeld.nl").go("/dilemmas/new/")
    words = new_words(SITUATION)
    fill_dilemma(page, new_words("Eén druk is genoeg"), words)
    page.locator("textarea[name=source]").focus()
    expect(page.locator(".bottom-bar")).to_be_hidden()
    box = page.locator("#composer button.button").bounding_box()
    assert box

    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    expect(page.locator("#sent h2")).to_be_visible()
    assert count(room, words) == 1
