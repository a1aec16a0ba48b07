from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests import services
from tests.browser.conftest import FLAGS, PASSWORD, PATIENCE, Person, Room
from tests.browser.writing import (
    SITUATION,
    address_of,
    count,
    fill_dilemma,
    fill_reply,
    new_words,
    press_post,
    share,
)

WRITER = "dirk@voorbeeld.nl"
WORDS_FIELD = "#composer textarea[name=source]"


def write(page: Page, words: str) -> None:
    """Type and wait until the page says that it is kept."""
    add(page, words)
    page.locator(WORDS_FIELD).blur()
    expect(page.locator("[data-kept]")).not_to_be_empty()


def add(page: Page, words: str) -> None:
    """Type at the end of what stands there."""
    page.locator(WORDS_FIELD).press("Control+End")
    page.locator(WORDS_FIELD).press_sequentially(words)


def go_on(person: Person, path: str = "/dilemmas/new/") -> Page:
    """Open the form, and from there the newest draft that it offers."""
    page = person.go(path)
    expect(page.locator(WORDS_FIELD)).to_have_value("")
    page.locator(".draft-here a").first.click()
    return page


def drafts_with(person: Person, words: str) -> int:
    return person.go("/drafts/").locator(".notes li", has_text=words).count()


@pytest.fixture
def thread(come_in: Callable[..., Person]) -> str:
    return share(come_in("esther@voorbeeld.nl"), new_words("Wie bewaart dit"))


def test_words_are_there_after_the_tab_was_closed_and_on_another_device(
    come_in: Callable[..., Person],
) -> None:
    words = new_words("De bel ging")
    page = come_in(WRITER).go("/dilemmas/new/")
    page.locator("input[name=title]").fill(words)
    page.locator("details.more-fields summary").click()
    page.locator("textarea[name=touches]").fill("Ik slaap er slecht van.")
    write(page, "Ik was halverwege")
    add(page, " en toen")

    page.close(run_before_unload=False)

    page = go_on(come_in(WRITER, afresh=True))
    expect(page.locator(WORDS_FIELD)).to_have_value("Ik was halverwege en toen")
    expect(page.locator("input[name=title]")).to_have_value(words)
    expect(page.locator("textarea[name=touches]")).to_have_value(
        "Ik slaap er slecht van."
    )
    expect(page.locator("input[name=under_alias]")).not_to_be_checked()


def test_words_of_a_reply_survive_leaving_fast(
    come_in: Callable[..., Person], thread: str
) -> None:
    words = new_words("Er komt iemand binnen")
    person = come_in(WRITER)
    page = person.go(thread)
    add(page, words)

    page.locator("a[data-leave]").click()
    page.wait_for_url("**/away/")

    expect(go_on(person, thread).locator(WORDS_FIELD)).to_have_value(words)


def _connected(browser: Browser, address: str) -> Browser:
    """The browser at ``address``, which may be slow to answer while it starts."""
    try:
        return browser.browser_type.connect_over_cdp(address, timeout=15_000)
    except PlaywrightError:
        return browser.browser_type.connect_over_cdp(address)


@pytest.fixture
def doomed(
    browser: Browser, chromium_path: Path, tmp_path: Path
) -> Iterator[tuple[Browser, subprocess.Popen[bytes]]]:
    """A browser of its own, to be killed."""
    port = services.free_port()
    process = subprocess.Popen(
        [
            str(chromium_path),
            *FLAGS,
            "--headless=new",
            f"--remote-debugging-port={port}",
            f"--user-data-dir={tmp_path}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/json/version", timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield _connected(browser, f"http://127.0.0.1:{port}"), process
    finally:
        process.kill()
        process.wait(10)


def test_words_survive_the_browser_that_is_killed(
    room: Room,
    come_in: Callable[..., Person],
    doomed: tuple[Browser, subprocess.Popen[bytes]],
) -> None:
    words = new_words("Toen viel het scherm uit")
    other_browser, process = doomed
    person = Person(other_browser.new_context(), room)
    person.sign_in(WRITER)
    write(person.go("/dilemmas/new/"), words)

    process.kill()
    process.wait(10)

    expect(go_on(come_in(WRITER)).locator(WORDS_FIELD)).to_have_value(words)


def test_words_survive_the_server_that_is_killed_between_two_saves(
    room: Room, come_in: Callable[..., Person]
) -> None:
    words = new_words("De stroom viel uit")
    person = come_in(WRITER)
    person.loses_connection = True
    page = person.go("/dilemmas/new/")
    write(page, words)

    room.kill()
    add(page, " en ik schreef door")
    page.locator(WORDS_FIELD).blur()
    expect(page.locator("[data-kept]")).to_have_text(
        page.locator("[data-kept]").get_attribute("data-away") or ""
    )
    expect(page.locator(WORDS_FIELD)).to_have_value(f"{words} en ik schreef door")
    room.start()

    expect(page.locator("[data-kept]")).not_to_have_text(
        page.locator("[data-kept]").get_attribute("data-away") or "", timeout=60_000
    )
    page = go_on(come_in(WRITER))
    expect(page.locator(WORDS_FIELD)).to_have_value(f"{words} en ik schreef door")


def test_two_windows_on_one_draft_lose_nothing(come_in: Callable[..., Person]) -> None:
    words = new_words("In twee vensters")
    person = come_in(WRITER)
    write(person.go("/dilemmas/new/"), words)
    first = go_on(person)
    second = person.open()
    second.goto(first.url)

    write(first, " het eerste")
    add(second, " het tweede")
    second.locator(WORDS_FIELD).blur()

    expect(second.locator("#conflict")).to_be_focused()
    expect(second.locator(WORDS_FIELD)).to_have_value(f"{words} het tweede")
    second.locator("#conflict button").click()
    expect(second.locator("[data-kept]")).not_to_be_empty()
    expect(second.locator("#conflict")).to_be_hidden()
    second.close()
    assert drafts_with(person, f"{words} het eerste") == 1
    assert drafts_with(person, f"{words} het tweede") == 1


def test_after_signing_in_anew_the_page_goes_on_and_can_be_sent(
    room: Room, come_in: Callable[..., Person]
) -> None:
    words = new_words(SITUATION)
    title = new_words("De sessie was voorbij")
    person = come_in(WRITER, afresh=True)
    page = person.go("/dilemmas/new/")
    fill_dilemma(page, title, words)
    page.locator(WORDS_FIELD).blur()
    expect(page.locator("[data-kept]")).not_to_be_empty()

    person.context.clear_cookies(name="sessionid")
    add(page, " En verder.")
    page.locator(WORDS_FIELD).blur()
    out = page.locator("[data-kept]").get_attribute("data-out") or ""
    expect(page.locator("[data-kept]")).to_have_text(out)
    other = person.open()
    other.goto(room.url + "/accounts/login/")
    other.fill("input[name=login]", WRITER)
    other.fill("input[name=password]", PASSWORD)
    other.locator("main form").get_by_role("button").first.click()
    other.wait_for_url(f"{room.url}/")
    add(page, " En af.")
    page.locator(WORDS_FIELD).blur()

    expect(page.locator("[data-kept]")).not_to_have_text(out)
    press_post(page)
    expect(page.locator("#sent")).to_be_visible()
    assert count(room, f"{words} En verder. En af.") == 1
    assert drafts_with(person, title) == 0


def test_words_of_one_person_do_not_come_into_the_drafts_of_the_next(
    room: Room, come_in: Callable[..., Person]
) -> None:
    words = new_words("Alleen voor mij")
    person = come_in(WRITER, afresh=True)
    page = person.go("/dilemmas/new/")
    write(page, words)

    person.context.clear_cookies()
    other = person.open()
    other.goto(room.url + "/accounts/login/")
    other.fill("input[name=login]", "esther@voorbeeld.nl")
    other.fill("input[name=password]", PASSWORD)
    other.locator("main form").get_by_role("button").first.click()
    other.wait_for_url(f"{room.url}/")
    add(page, " en verder")
    page.locator(WORDS_FIELD).blur()

    out = page.locator("[data-kept]").get_attribute("data-out") or ""
    expect(page.locator("[data-kept]")).to_have_text(out)
    other.goto(room.url + "/drafts/")
    expect(other.locator("main")).not_to_contain_text(words)


def test_sent_reply_leaves_no_draft(
    come_in: Callable[..., Person], thread: str
) -> None:
    words = new_words("Meteen verstuurd")
    person = come_in(WRITER)
    page = person.go(thread)
    fill_reply(page, words)
    press_post(page)
    expect(page.locator("#sent")).to_be_visible()

    assert drafts_with(person, words) == 0
    expect(person.go(thread).locator(".draft-here")).to_have_count(0)


def test_composer_follows_when_the_writer_asks_for_advice(
    room: Room, come_in: Callable[..., Person]
) -> None:
    author = come_in("esther@voorbeeld.nl")
    title = new_words("Eerst vragen")
    page = author.go("/dilemmas/new/")
    fill_dilemma(page, title)
    page.locator("input[name=ask][value=questions]").check()
    press_post(page)
    page.locator("#sent").wait_for()
    address = address_of(room, title)
    reader = come_in(WRITER).go(address)
    advice = reader.locator("#composer input[value=advice]")
    expect(advice).to_be_disabled()
    reader.locator("button[name=idea]").click()
    expect(reader.locator("#composer input[value=question]")).to_be_checked()
    question = reader.locator(WORDS_FIELD).input_value()

    page = author.go(address)
    page.locator(".post-opening .post-foot a").last.click()
    page.locator("input[name=ask][value=advice]").check()
    page.locator("form[action$='/ask/'] button").click()

    expect(advice).to_be_enabled()
    expect(reader.locator("#thread-head .line-note")).to_be_visible()
    expect(reader.locator(".ask-first")).to_be_hidden()
    expect(reader.locator(WORDS_FIELD)).to_have_value(question)
    advice.check()
    reader.locator(".starter:visible").click()
    assert reader.locator(WORDS_FIELD).input_value().endswith(f"\n\n{question}")


def test_without_script_the_form_shows_keeps_and_sends(
    room: Room, come_in: Callable[..., Person]
) -> None:
    title = new_words("Helemaal zonder script")
    page = come_in(WRITER, java_script_enabled=False).go("/dilemmas/new/")
    fill_dilemma(page, title)
    page.locator("details.more-fields summary").click()
    page.locator("textarea[name=tried]").fill("Met *drie* mensen gesproken.")

    page.locator("button[name=preview]").click()
    expect(page.locator("#preview em")).to_have_text("drie")
    expect(page.locator("input[name=title]")).to_have_value(title)
    page.locator("button[name=keep]").click()
    page.locator(".notes a", has_text=title).click()
    expect(page.locator("textarea[name=tried]")).to_be_visible()
    page.locator("input[name=is_clean]").check()
    press_post(page)

    expect(page.locator("#sent")).to_be_visible()
    page.goto(room.url + address_of(room, title))
    expect(page.locator(".post-opening .told em")).to_have_text("drie")


def test_without_script_two_windows_are_told_in_sight_and_both_texts_stay(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    words = new_words("Twee keer open")
    person = come_in(WRITER, java_script_enabled=False)
    page = person.go(thread)
    page.locator(WORDS_FIELD).fill(words)
    page.locator("#composer button[name=keep]").click()
    page.locator(".notes a", has_text=words).click()
    other = person.open()
    other.goto(page.url)

    for each, more in ((page, "het eerste"), (other, "het tweede")):
        each.locator(WORDS_FIELD).fill(f"{words} {more}")
        each.locator("#composer button[name=keep]").click()

    expect(other.locator("#conflict h2")).to_be_in_viewport()
    expect(other.locator(WORDS_FIELD)).to_have_value(f"{words} het tweede")
    other.locator("button[name=both]").click()
    expect(other.locator(".message")).to_be_visible()
    assert drafts_with(person, f"{words} het eerste") == 1
    assert drafts_with(person, f"{words} het tweede") == 1
