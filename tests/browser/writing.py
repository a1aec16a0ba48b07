"""What several stories in the browser do: open a dilemma, write, and look it up."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Person, Room

SITUATION = (
    "Ons team is verdeeld over de nieuwe methode, en ik sta ertussenin. De helft wil "
    "verder, de andere helft wil rust. Ik heb met iedereen gesproken en hoor overal iets "
    "anders. Als ik kies, verlies ik de ene helft. Als ik niet kies, verlies ik beide."
)

# The focus shows on the element, on the card that it fills or on the row of a choice.
SHOWS_FOCUS = """() => {
  const shows = (element, part) => {
    const style = element && getComputedStyle(element, part);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const here = document.activeElement;
  return Boolean(shows(here) || shows(here, "::after") || shows(here.closest(".choice")));
}"""


def new_words(what: str) -> str:
    """Words that stand nowhere else, so that a test can count them."""
    return f"{what} {secrets.token_hex(4)}"


def fill_dilemma(page: Page, title: str, source: str = SITUATION) -> None:
    """The dilemma form, complete but for the button."""
    page.locator("input[name=title]").fill(title)
    page.locator("select[name=category]").select_option("team")
    page.locator("input[name=ask][value=advice]").check()
    page.locator("input[name=is_clean]").check()
    page.locator("textarea[name=source]").fill(source)


def share(
    person: Person,
    title: str,
    source: str = SITUATION,
    *,
    ask: str = "advice",
    under_alias: bool = False,
) -> str:
    """Share a dilemma; the address of its thread, without the origin."""
    page = person.go("/dilemmas/new/")
    fill_dilemma(page, title, source)
    page.locator(f"input[name=ask][value={ask}]").check()
    page.locator("input[name=under_alias]").set_checked(under_alias)
    press_post(page)
    page.locator("#sent").wait_for()
    return address_of(person.room, title)


def fill_reply(page: Page, words: str, kind: str = "support") -> None:
    """The composer of a thread, complete but for the button."""
    page.locator(f"#composer input[name=kind][value={kind}]").check()
    page.locator("#composer textarea[name=source]").fill(words)


def press_post(page: Page) -> None:
    page.locator("#composer button.button").click()


def reply(person: Person, address: str, words: str, kind: str = "support") -> str:
    """Reply by name and return the id of the post."""
    page = person.go(address)
    fill_reply(page, words, kind)
    press_post(page)
    page.locator("#sent").wait_for()
    return post_id(person.room, words)


FILL = """
import django, sys
django.setup()
from accounts.models import Member
from forum.models import Thread
from tests.factories import make_replies
_, thread, count = sys.argv
by = Member.objects.get(email="gerben@voorbeeld.nl")
make_replies(by, Thread.objects.get(pk=thread), int(count))
"""


def fill_thread(room: Room, address: str, count: int) -> list[str]:
    """So many replies of Gerben's, before anybody looks; their ids in order."""
    thread = address.strip("/").split("/")[1]
    room.python("-c", FILL, thread, str(count))
    rows = room.ask(
        "SELECT id FROM forum_post WHERE thread_id = ? AND place > 0 ORDER BY place",
        thread,
    )
    return [post for (post,) in rows]


def address_of(room: Room, title: str) -> str:
    ((thread,),) = room.ask("SELECT id FROM forum_thread WHERE title = ?", title)
    return f"/dilemmas/{thread}/"


def post_id(room: Room, words: str) -> str:
    ((post,),) = room.ask("SELECT id FROM forum_post WHERE source = ?", words)
    return post


def count(room: Room, words: str) -> int:
    """How many texts hold exactly these words."""
    return len(room.ask("SELECT id FROM forum_post WHERE source = ?", words))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there, and shows on every step."""
    for _ in range(120):
        page.keyboard.press("Tab")
        assert page.evaluate(SHOWS_FOCUS), page.evaluate(
            "document.activeElement.outerHTML"
        )
        if page.evaluate("(wish) => document.activeElement.matches(wish)", selector):
            return
    pytest.fail(f"The key never reached {selector}.")
