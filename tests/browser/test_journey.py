from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Person, Room

NAME = "Wilhelmina Kanarie"
ADDRESS = "wilhelmina.kanarie@voorbeeld.nl"
TITLE = "Zeg ik mijn bestuur dat ik het niet ga doen?"
SITUATION = (
    "Ons bestuur wil dat ik het plan volgende week aan het team vertel. Ik geloof er "
    "niet in, en mijn team ook niet. Als ik niets zeg, ben ik loyaal maar niet eerlijk. "
    "Als ik wel iets zeg, sta ik er alleen voor. Wat zien jullie dat ik niet zie?"
)
REPLY = "Je bent gewoon naïef. Zo doe je dat niet."
BETTER = "Bij mij hielp het om eerst één collega te bellen. Wat zou jou helpen?"
SEND_DIGESTS = """
import django, sys
import datetime as dt
import time_machine
django.setup()
from django.core.management import call_command
from django.utils import timezone
today = timezone.localdate()
wednesday = today + dt.timedelta((2 - today.weekday()) % 7 or 7)
moment = dt.datetime.combine(wednesday, dt.time(12, 31), timezone.get_default_timezone())
with time_machine.travel(moment):
    call_command("send_digests")
"""


def look(page: Page, name: str) -> None:
    """A picture, for who wants to see: SHOTS names the folder."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"journey-{name}.png", full_page=True)


def invited(room: Room, somebody: Person) -> None:
    room.manage("invite_member", ADDRESS)
    link = re.search(r"/invitations/\S+/", room.wait_for_mail(ADDRESS))
    assert link
    page = somebody.go(link[0])
    page.get_by_label("Hoe wil je hier heten?").fill(NAME)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=keeps_rules]").check()
    look(page, "01-invitation")
    page.locator("main form button.button").click()
    page.wait_for_url(f"{room.url}/")


def _digests(room: Room) -> Counter[tuple[str, str]]:
    """The mails so far that can be unsubscribed from."""
    return Counter(each for each in room.mails() if "List-Unsubscribe:" in each[1])


@pytest.mark.usefixtures("room")
def test_dilemma_from_doubt_to_digest(
    room: Room, come_in: Callable[..., Person]
) -> None:
    author, colleague = come_in(), come_in("collega@voorbeeld.nl")
    moderator = come_in(
        "moderator@voorbeeld.nl", viewport={"width": 1280, "height": 900}
    )
    invited(room, author)
    ((author_id,),) = room.ask(
        "SELECT id FROM accounts_member WHERE email = ?", ADDRESS
    )

    # The author shares a dilemma under an alias; the colleague's list shows it.
    theirs = colleague.page
    page = author.go("/dilemmas/new/")
    page.locator("input[name=title]").fill(TITLE)
    page.locator("select[name=category]").select_option("board")
    page.locator("textarea[name=source]").fill(SITUATION)
    page.locator("input[name=ask][value=advice]").check()
    page.locator("input[name=is_clean]").check()
    page.locator("input[name=under_alias]").check()
    look(page, "02-composer-anonymous")
    page.locator("#composer button.button").click()
    expect(page.locator("#sent")).to_be_visible()
    look(page, "03-sent")
    alias = page.locator("#sent strong").first.inner_text()

    expect(theirs.locator(".pill")).to_be_visible()
    expect(theirs.locator("body")).not_to_contain_text(TITLE)
    look(theirs, "04-list-pill")
    theirs.locator(".pill").click()
    theirs.get_by_role("link", name=TITLE).click()
    expect(theirs.locator("h1")).to_have_text(TITLE)
    expect(theirs.locator(".post-opening")).to_contain_text(alias)
    look(theirs, "05-thread")
    thread_address = theirs.url.removeprefix(room.url).split("#")[0]

    # The colleague replies by name; the author's open page shows it when asked.
    page = author.go(thread_address)
    expect(page.locator("[data-live=thread]")).to_be_visible()
    theirs.locator("input[name=kind][value=advice]").check()
    theirs.locator("textarea[name=source]").fill(REPLY)
    theirs.locator("#composer button.button").click()
    # It can sound like a judgement: the colleague is told so once, and posts it.
    expect(theirs.locator("#hints")).to_be_visible()
    look(theirs, "05b-hints")
    theirs.locator("#composer .actions-stick button.button").click()
    expect(theirs.locator("#sent")).to_be_visible()
    expect(page.locator(".pill")).to_be_visible()
    expect(page.locator("#replies-list")).not_to_contain_text(REPLY)
    look(page, "06-thread-pill")
    page.locator(".pill").click()
    expect(page.locator("#replies-list")).to_contain_text(REPLY)

    # The author flags it; the moderator claims it and returns it for edit.
    reply = page.locator("#replies-list .post", has_text=REPLY)
    reply.locator("a[href$='/flag/']").click()
    page.locator("input[name=reason][value=R01]").check()
    look(page, "07-flag")
    page.locator("main form button.button").click()
    page = author.go(thread_address)

    desk = moderator.go("/moderation/")
    look(desk, "08-queue")
    desk.locator(".queue-item a", has_text="Joost").last.click()
    desk.locator("form[action$='/claim/'] button").click()
    look(desk, "09-item")
    desk.locator("input[name=reason][value=R01]").check()
    desk.locator("button[name=act][value=return]").click()
    look(desk, "10-message")
    message = desk.locator("textarea[name=message]")
    assert "{" not in message.input_value()
    message.fill(message.input_value() + "\n\nDit is een oordeel over de persoon.")
    desk.locator("#decide form button.button").click()
    expect(page.locator("#replies-list")).not_to_contain_text(REPLY)
    expect(page.locator("#replies-list .line-note")).to_be_visible()
    look(page, "11-line")

    # The colleague reads why, edits and offers again; it appears when published.
    theirs = colleague.go("/notifications/")
    look(theirs, "12-notifications")
    theirs.locator(".notes a").first.click()
    expect(theirs.locator("main")).to_contain_text(
        "Dit is een oordeel over de persoon."
    )
    look(theirs, "13-returned")
    theirs.locator("a[href$='/edit/']").click()
    theirs.locator("textarea[name=source]").fill(BETTER)
    theirs.locator("main form button.button").click()
    look(theirs, "14-sent-again")
    desk = moderator.go("/moderation/")
    desk.locator(".queue-item a", has_text="Joost").last.click()
    desk.locator("form[action$='/claim/'] button").click()
    expect(desk.locator("main")).to_contain_text(BETTER)
    desk.locator("button[name=act][value=publish]").click()
    expect(page.locator("#replies-list")).to_contain_text(BETTER)

    # The author, in owner mode, edits the dilemma; the colleague's page follows.
    theirs = colleague.go(thread_address)
    expect(theirs.locator(".post-opening")).to_be_visible()
    page = author.go("/mine/anonymous/")
    page.locator("input[name=password]").fill(PASSWORD)
    look(page, "15-confirm")
    page.locator("main form button.button").click()
    look(page, "16-mine")
    page.get_by_role("link", name=TITLE).click()
    page.locator("a[href$='/edit/']").click()
    page.locator("textarea[name=source]").fill(SITUATION + " Intussen sliep ik erover.")
    page.locator("main form button.button").click()
    expect(theirs.locator(".post-opening")).to_contain_text("Intussen sliep ik erover.")

    # One digest per due member, and none on the second run.
    # The room's own worker sends too, so mails are told apart by what they are.
    before = _digests(room)
    room.python("-c", SEND_DIGESTS)
    sent = _digests(room) - before
    due = room.ask(
        "SELECT email FROM accounts_member WHERE admitted_on IS NOT NULL "
        "AND digest_frequency = 'wednesday'"
    )
    assert sorted(to for to, _words in sent.elements()) == sorted(
        email for (email,) in due
    )
    room.python("-c", SEND_DIGESTS)
    assert _digests(room) == before + sent

    # Nowhere did the others receive who the author is.
    seen = [
        *colleague.received,
        *moderator.received,
        colleague.page.content(),
        moderator.page.content(),
        *(words for to, words in room.mails() if to != ADDRESS),
        room.log.read_text(),
    ]
    assert len(seen) > 40
    assert any(TITLE in words for words in seen)
    for trace in (NAME, "Wilhelmina", "kanarie@", ADDRESS, author_id):
        assert not [words for words in seen if trace in words], trace
