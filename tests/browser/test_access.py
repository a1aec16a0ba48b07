from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Person, Room
from tests.browser.places import MEMBER, Place, furnish
from tests.browser.writing import SHOWS_FOCUS, tab_to

PHONE, DESK, NARROW = 390, 1280, 320
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (PHONE, "light"),
    (DESK, "dark"),
)
AXE = """async (runOnly) => {
  const results = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return results.violations.map((each) =>
    `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""
WCAG_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What sticks out at the right, deepest first; nothing when the page fits.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > width + 0.5)
    .slice(-3).map((each) => each.outerHTML.slice(0, 160));
}"""
TOO_LOW = """() => {
  const bars = ".site-head, .bottom-bar, .tabs, .actions, .post-foot, .site-foot, .pages, "
    + ".side-list, .decide";
  return [...document.querySelectorAll(bars)]
    .flatMap((bar) => [...bar.querySelectorAll("a, button, summary")])
    .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 43.5)
    .map((each) => each.outerHTML.slice(0, 160));
}"""
# Everything that a key should reach: of a group of radio buttons one.
UNREACHED = """() => {
  const groups = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter((each) => each.checkVisibility() && !each.disabled && each.type !== "hidden")
    .filter((each) => {
      if (each.type !== "radio") return !each.dataset.reached;
      const group = [...document.getElementsByName(each.name)];
      if (groups.has(each.name) || group.some((one) => one.dataset.reached)) return false;
      groups.add(each.name);
      return true;
    })
    .map((each) => each.outerHTML.slice(0, 160));
}"""


@dataclass
class Seen:
    """What is wrong with the pages, each line beginning with the page's name."""

    axe: list[str] = field(default_factory=list)
    wide_on_small_screens: list[str] = field(default_factory=list)
    wide_with_large_text: list[str] = field(default_factory=list)
    low: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    looked: int = 0


@pytest.fixture(scope="module")
def seen(room: Room, browser: Browser) -> Seen:
    """Every kind of page, looked at once in every way; all with EVERY_PLACE=1."""
    people: dict[str, Person] = {}
    seen = Seen()
    places = furnish(room)
    if not os.environ.get("EVERY_PLACE"):
        places = [place for place in places if place.is_first]
    for place in places:
        if place.who not in people:
            # Axe is a script of ours: the rules of the page are lifted for it alone.
            context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
            people[place.who] = Person(context, room)
            if place.who:
                people[place.who].sign_in(place.who)
        page = people[place.who].page
        page.set_viewport_size({"width": PHONE, "height": 844})
        place.visit(page, room)
        _look(page, place, seen)
    for person in people.values():
        seen.faults += person.faults
        person.context.close()
    return seen


def _look(page: Page, place: Place, seen: Seen) -> None:
    def tell(lines: list[str], look: str, found: list[str]) -> None:
        lines.extend(f"{place.name} {look}: {each}" for each in found)

    tell(seen.low, "", page.evaluate(TOO_LOW))
    page.evaluate(AXE_SCRIPT)
    # Pages share their parts and take their colours from the same tokens, so that one
    # look at each is enough: by turns a light phone and a dark desk.
    width, scheme = LOOKS[seen.looked % len(LOOKS)]
    seen.looked += 1
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    tell(seen.axe, f"{width} {scheme}", page.evaluate(AXE, WCAG_AA))
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": NARROW, "height": 844})
    tell(seen.wide_on_small_screens, "", page.evaluate(TOO_WIDE))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 844})
        tell(seen.wide_with_large_text, str(width), page.evaluate(TOO_WIDE))


def test_axe_finds_nothing_on_any_page_light_or_dark(seen: Seen) -> None:
    assert not seen.axe


def test_no_page_scrolls_sideways_on_the_smallest_screen(seen: Seen) -> None:
    assert not seen.wide_on_small_screens


def test_no_page_scrolls_sideways_with_text_twice_as_large(seen: Seen) -> None:
    assert not seen.wide_with_large_text


def test_everything_in_a_bar_is_high_enough_for_a_thumb(seen: Seen) -> None:
    assert not seen.low


def test_no_page_tells_a_fault_to_the_console(seen: Seen) -> None:
    assert not seen.faults


def test_a_dilemma_is_answered_with_keys_alone(
    room: Room, come_in: Callable[..., Person]
) -> None:
    page = come_in().go("/accounts/login/")

    tab_to(page, "input[name=login]")
    page.keyboard.type("saskia@voorbeeld.nl")
    tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{room.url}/")
    tab_to(page, ".dilemma-title a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dilemmas/*/")
    tab_to(page, "input[name=kind]")
    page.keyboard.press("Space")
    tab_to(page, "textarea[name=source]")
    page.keyboard.type("Met toetsen alleen kom ik er ook.")
    tab_to(page, "input[name=under_alias]")
    page.keyboard.press("Space")
    expect(page.locator(".as-alias")).to_be_visible()
    page.keyboard.press("Space")
    tab_to(page, "#composer button.button")
    page.keyboard.press("Enter")

    expect(page.locator("#sent")).to_be_focused()
    expect(page.locator("#replies-list")).to_contain_text("Met toetsen alleen")


def test_mistakes_get_the_focus_on_a_page_with_no_script_of_its_own(
    come_in: Callable[..., Person],
) -> None:
    page = come_in().go("/accounts/login/")
    page.locator("input[name=login]").fill(MEMBER)
    page.locator("input[name=password]").fill("dat weet ik niet")

    page.keyboard.press("Enter")

    expect(page.locator("#errors")).to_be_focused()


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("path", ["/", "thread", "/dilemmas/new/", "/settings/mail/"])
def test_keys_reach_everything_and_the_focus_always_shows(
    come_in: Callable[..., Person], path: str, width: int
) -> None:
    person = come_in(MEMBER, viewport={"width": width, "height": 844})
    page = person.page
    if path == "thread":
        page.locator(".dilemma-title a").first.click()
        page.wait_for_url("**/dilemmas/*/")
    else:
        page = person.go(path)
    page.locator("details.menu summary").press("Enter")
    page.locator("body").evaluate("body => { body.tabIndex = -1; body.focus(); }")

    unseen = []
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        page.evaluate("document.activeElement.dataset.reached = 1")
        if not page.evaluate(SHOWS_FOCUS):
            unseen.append(page.evaluate("document.activeElement.outerHTML")[:160])

    assert page.evaluate(UNREACHED) == []
    assert unseen == []


def test_skip_link_leads_past_the_menu(come_in: Callable[..., Person]) -> None:
    page = come_in(MEMBER).page

    page.keyboard.press("Tab")
    link = page.locator(".skip")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_escape_closes_the_menu_and_returns_the_focus(
    come_in: Callable[..., Person],
) -> None:
    page = come_in(MEMBER).page
    summary = page.locator("details.menu summary")

    summary.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")

    expect(page.locator(".menu-panel")).to_be_hidden()
    expect(summary).to_be_focused()
