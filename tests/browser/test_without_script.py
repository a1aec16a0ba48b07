from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Person, Room
from tests.browser.writing import (
    address_of,
    count,
    fill_dilemma,
    fill_reply,
    new_words,
    post_id,
    press_post,
    reply,
    share,
)

MEMBER = "dirk@voorbeeld.nl"

Plain = Callable[[str], Person]


@pytest.fixture
def come_plainly(come_in: Callable[..., Person]) -> Plain:
    """A browser that runs no script at all."""
    return lambda address: come_in(address, java_script_enabled=False)


@pytest.fixture
def thread(come_plainly: Plain) -> str:
    return share(
        come_plainly("fatima@voorbeeld.nl"), new_words("Zonder script gedeeld")
    )


def test_signing_in_and_out(room: Room, come_in: Callable[..., Person]) -> None:
    person = come_in("jeroen@voorbeeld.nl", afresh=True, java_script_enabled=False)
    page = person.page

    expect(page.locator("h1")).to_have_text("Overzicht")
    page.locator("details.menu summary").click()
    page.locator(".menu-panel form button").click()
    expect(page.locator("h1")).to_have_text("Een rustige kamer voor schoolleiders")
    person.go("/drafts/")
    assert "/accounts/login/" in page.url


def test_reading_the_room_by_theme_and_a_thread(come_plainly: Plain) -> None:
    page = come_plainly(MEMBER).go("/?theme=team")

    expect(page.locator("h1")).to_have_text("Team en samenwerking")
    assert "Ververs om te zien" in (page.locator("noscript").text_content() or "")
    page.locator(".dilemma-title a").first.click()

    expect(page.locator(".post-opening")).to_be_visible()
    assert "Ververs om nieuwe" in (page.locator("noscript").text_content() or "")


def test_sharing_and_answering_by_name(
    room: Room, come_plainly: Plain, thread: str
) -> None:
    words = new_words("Met mijn naam")

    reply(come_plainly(MEMBER), thread, words)

    page = come_plainly("fatima@voorbeeld.nl").go(thread)
    expect(page.locator(f"#post-{post_id(room, words)} .who")).to_contain_text("Dirk")


def test_posting_under_an_alias_shows_the_alias_and_not_the_name(
    room: Room, come_plainly: Plain
) -> None:
    page = come_plainly(MEMBER).go("/dilemmas/new/")
    title = new_words("Zonder mijn naam")
    fill_dilemma(page, title)
    page.locator("input[name=under_alias]").check()
    press_post(page)
    alias = page.locator("#sent strong").first.inner_text()

    page = come_plainly("fatima@voorbeeld.nl").go(address_of(room, title))

    expect(page.locator(".post-opening .who")).to_contain_text(alias)
    expect(page.locator("main")).not_to_contain_text("Dirk")


def test_mistakes_are_told_and_nothing_is_lost(
    come_plainly: Plain, thread: str
) -> None:
    page = come_plainly(MEMBER).go(thread)
    words = new_words("Ik koos nog niets")
    page.locator("#composer textarea[name=source]").fill(words)

    press_post(page)

    expect(page.locator("#errors")).to_be_in_viewport()
    expect(page.locator("#composer textarea[name=source]")).to_have_value(words)


def test_answer_to_a_reply_stands_in_view_after_sending(
    come_plainly: Plain, thread: str
) -> None:
    page = come_plainly(MEMBER).go(thread)
    fill_reply(page, new_words("Zie ik wat ervan werd"))

    press_post(page)

    expect(page.locator("#sent h2")).to_be_in_viewport()


def test_hints_stand_in_view_and_the_text_goes_after_all(
    room: Room, come_plainly: Plain, thread: str
) -> None:
    page = come_plainly(MEMBER).go(thread)
    words = new_words("Je had dit anders moeten doen, in")
    fill_reply(page, words)

    press_post(page)
    expect(page.locator("#hints h2")).to_be_in_viewport()
    expect(page.locator("#hints mark")).to_have_text("Je had dit anders moeten")
    expect(page.locator("#composer textarea[name=source]")).to_have_value(words)
    assert count(room, words) == 0

    page.locator("#hints .actions button").click()
    expect(page.locator("#sent")).to_be_visible()
    assert count(room, words) == 1


def test_draft_is_kept_opened_again_and_thrown_away(
    come_plainly: Plain, thread: str
) -> None:
    page = come_plainly(MEMBER).go(thread)
    words = new_words("Nog niet af")
    fill_reply(page, words)

    page.locator("#composer button[name=keep]").click()
    expect(page.locator(".message")).to_be_visible()
    page.locator(".notes a", has_text=words).click()
    expect(page.locator("#composer textarea[name=source]")).to_have_value(words)
    page.go_back()
    page.locator(".notes li", has_text=words).get_by_role("button").click()

    expect(page.locator("main")).not_to_contain_text(words)


def test_following_saving_and_marking_as_read(come_plainly: Plain, thread: str) -> None:
    person = come_plainly(MEMBER)
    page = person.go(thread)
    title = page.locator("h1").inner_text()

    page.locator("form[action$='/subscription/'] button").click()
    page.locator("form[action$='/bookmark/'] button").click()
    for form in ("subscription", "bookmark"):
        button = page.locator(f"form[action$='/{form}/'] button")
        expect(button).to_have_attribute("aria-pressed", "true")
    page.locator("form[action$='/read/'] button").click()

    card = page.locator(".dilemma", has_text=title)
    expect(card).to_be_visible()
    expect(card.locator(".badge-new")).to_have_count(0)
    for view in ("followed", "saved"):
        expect(person.go(f"/?view={view}").locator("#room-list")).to_contain_text(title)


def test_own_text_is_edited_and_taken_away(
    room: Room, come_plainly: Plain, thread: str
) -> None:
    person = come_plainly(MEMBER)
    words, better = new_words("Eerst zo"), new_words("Liever zo")
    post = reply(person, thread, words)

    page = person.go(f"/posts/{post}/")
    page.locator("a[href$='/edit/']").click()
    page.locator("textarea[name=source]").fill(better)
    page.locator("main form button.button").click()
    expect(page.locator("main")).to_contain_text(better)
    page = person.go(f"/posts/{post}/")
    page.locator("a[href$='/withdraw/']").click()
    page.locator("main form button").click()

    expect(page.locator(".message")).to_be_visible()
    page = person.go(thread)
    expect(page.locator(f"#post-{post}.line-note")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(better)


def test_own_anonymous_text_is_edited_after_the_password(
    room: Room, come_plainly: Plain, thread: str
) -> None:
    person = come_plainly(MEMBER)
    words, better = new_words("Onder een naam"), new_words("Onder een schuilnaam")
    page = person.go(thread)
    fill_reply(page, words)
    page.locator("#composer input[name=under_alias]").check()
    press_post(page)

    page = person.go("/mine/anonymous/")
    page.locator("main input[name=password]").fill(PASSWORD)
    page.locator("main form button.button").click()
    page.locator(".notes a", has_text=words).click()
    page.locator("a[href$='/edit/']").click()
    page.locator("textarea[name=source]").fill(better)
    page.locator("main form button.button").click()

    expect(person.go(thread).locator("#replies-list")).to_contain_text(better)


def test_flag_is_claimed_and_decided(
    room: Room, come_plainly: Plain, thread: str
) -> None:
    words = new_words("Hier mag iemand iets van vinden")
    post = reply(come_plainly(MEMBER), thread, words)
    page = come_plainly("fatima@voorbeeld.nl").go(f"/posts/{post}/flag/")
    page.locator("input[name=reason][value=R04]").check()
    page.locator("main form button.button").click()
    expect(page.locator("h1")).to_have_text("Dank dat je het zegt")

    desk = come_plainly("moderator2@voorbeeld.nl").go("/moderation/")
    desk.locator(".queue-first a", has_text="Dirk").last.click()
    expect(desk.locator("main")).to_contain_text(words)
    desk.locator("form[action$='/claim/'] button").click()
    desk.locator("input[name=reason][value=R04]").check()
    desk.locator("button[name=act][value=hide]").click()
    desk.locator("textarea[name=message]").fill("Een kind is te herkennen.")
    desk.locator("#decide form button.button").click()

    expect(desk.locator(".message")).to_be_visible()
    page = come_plainly("fatima@voorbeeld.nl").go(thread)
    expect(page.locator(f"#post-{post}.line-note")).to_be_visible()
    page = come_plainly(MEMBER).go("/notifications/")
    page.locator(f"a[href='/posts/{post}/']").click()
    expect(page.locator(".notice")).to_contain_text("Een kind is te herkennen.")
