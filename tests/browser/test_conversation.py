"""The conversation as people have it: telling, asking, being warned, finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Person, Room, company
from tests.browser.writing import (
    SITUATION,
    count,
    fill_dilemma,
    fill_reply,
    new_words,
    post_id,
    press_post,
    reply,
    share,
    tab_to,
)

AUTHOR = "vincent@voorbeeld.nl"
READER = "annemiek@voorbeeld.nl"
ASKER = "carolien@voorbeeld.nl"
THIRD = "rachid@voorbeeld.nl"
MODERATOR = "moderator2@voorbeeld.nl"

TEXT = "#composer textarea[name=source]"
SENT = "#composer .actions-stick .button"
DETAILS = {
    "pull_a": "…wil ik loyaal zijn aan het besluit.",
    "pull_b": "…zie ik wat het met **iedereen** doet.",
    "people": "Het team, het bestuur, en ik.",
    "tried": "Met drie mensen apart gesproken.",
    "touches": "Ik slaap er slecht van.",
}
# A school that nobody but its own leader is warned for: it is no name to others.
OWN_SCHOOL = """
import django
django.setup()
from accounts.models import Application, Member
member = Member.objects.get(email="rachid@voorbeeld.nl")
Application.objects.create(member=member, school="obs Zilverspoor", is_board_member=False)
"""
SELECTED = "() => getSelection().toString()"
SIZES = """(selector) => [...document.querySelectorAll(selector)].map((each) => {
  const { width, height } = each.getBoundingClientRect();
  return [Math.round(width), Math.round(height)];
})"""


@pytest.fixture(scope="module")
def thread(browser: Browser, room: Room) -> Iterator[str]:
    with company(browser, room) as come_in:
        yield share(come_in(AUTHOR), new_words("Wat zou jij doen"))


def prove(page: Page) -> None:
    """Owner mode asks for the password, unless this session gave it just now."""
    if page.locator("main input[name=password]").count():
        page.locator("main input[name=password]").fill(PASSWORD)
        page.locator("main form button.button").click()


# ---- telling ----


def test_whole_dilemma_is_told_looked_at_and_sent_with_keys_alone(
    room: Room, come_in: Callable[..., Person]
) -> None:
    title = new_words("Volg ik het besluit, of mijn gevoel?")
    person = come_in(AUTHOR)
    page = person.go("/dilemmas/new/")
    keys = page.keyboard

    tab_to(page, ".first-time summary")
    keys.press("Enter")
    expect(page.locator(".first-time li").first).to_be_visible()
    tab_to(page, "input[name=title]")
    keys.insert_text(title)
    tab_to(page, "select[name=category]")
    keys.type("Best")
    tab_to(page, "textarea[name=source]")
    keys.insert_text(SITUATION)
    tab_to(page, ".more-fields summary")
    keys.press("Enter")
    for name, words in DETAILS.items():
        tab_to(page, f"textarea[name={name}]")
        keys.insert_text(words)
    tab_to(page, "select[name=timing]")
    keys.type("Binnen")
    tab_to(page, SENT)
    keys.press("Enter")

    # The ask and the tick were forgotten: the summary leads to them, and all is kept.
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("#errors li")).to_have_count(2)
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator("fieldset.kinds")).to_be_in_viewport()
    keys.press("Tab")
    expect(page.locator("input[name=ask]").first).to_be_focused()
    keys.press("ArrowDown")
    expect(page.locator("input[name=ask][value=questions]")).to_be_checked()
    tab_to(page, "input[name=is_clean]")
    keys.press("Space")
    expect(page.locator("textarea[name=touches]")).to_have_value(DETAILS["touches"])

    tab_to(page, "button[name=preview]")
    keys.press("Enter")
    expect(page.locator("#preview")).to_be_focused()
    expect(page.locator("#preview")).to_contain_text(title)
    expect(page.locator("#preview .pulls .told")).to_have_count(2)
    expect(page.locator("#preview strong", has_text="iedereen")).to_be_visible()
    assert not room.ask("SELECT id FROM forum_thread WHERE title = ?", title)
    tab_to(page, SENT)
    keys.press("Enter")

    expect(page.locator("#sent")).to_be_focused()
    tab_to(page, "#sent .actions a")
    keys.press("Enter")
    expect(page.locator("h1")).to_have_text(title)
    opening = page.locator(".post-opening")
    expect(opening).to_be_in_viewport()
    expect(page.locator("#thread-head")).to_contain_text("Bestuur, MR en tegenspraak")
    expect(opening.locator(".pulls .told")).to_have_count(2)
    expect(opening.locator(".pulls strong")).to_have_text("iedereen")
    for words in ("Het team, het bestuur, en ik.", "Binnenkort kies ik"):
        expect(opening.locator(".told", has_text=words)).to_be_visible()
    own = person.go("/mine/").locator(".notes li", has_text=title)
    expect(own).to_contain_text("staat online")
    expect(person.go("/drafts/").locator("main")).not_to_contain_text(title)


# ---- asking ----


def test_kind_that_closes_while_somebody_writes_says_why_and_offers_a_question(
    room: Room, come_in: Callable[..., Person]
) -> None:
    author = come_in(AUTHOR)
    address = share(author, new_words("Wie denkt er mee"))
    page = come_in(READER).go(address)
    advice = page.locator(".choice", has=page.locator("input[value=advice]"))
    reason = advice.get_by_text("De schrijver vraagt nu niet om advies.")
    expect(reason).to_be_hidden()
    advice.locator("input").check()
    page.locator(".starter:visible").click()
    expect(page.locator(TEXT)).to_be_focused()
    assert page.evaluate(SELECTED) == "…"
    words = new_words("begin klein")
    page.keyboard.type(words)
    kept = f"Een idee, kijk maar of het past: {words}"
    expect(page.locator(TEXT)).to_have_value(kept)

    theirs = author.go(address)
    theirs.locator(".post-opening .post-foot a").last.click()
    theirs.locator("input[name=ask][value=listen]").check()
    theirs.locator("form[action$='/ask/'] button").click()

    expect(page.locator("#thread-head .line-note")).to_contain_text(
        "De schrijver vraagt nu om een luisterend oor."
    )
    expect(page.locator("#composer .ask")).to_have_text(
        page.locator("#thread-head .ask").inner_text()
    )
    expect(reason).to_be_visible()
    expect(page.locator(TEXT)).to_have_value(kept)
    press_post(page)
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator(TEXT)).to_have_value(kept)
    page.locator("button[name=idea]").click()
    asked = f"Mag ik een idee delen?\n\n{kept}"
    expect(page.locator(TEXT)).to_have_value(asked)
    press_post(page)
    expect(page.locator("#sent")).to_be_focused()
    expect(page.locator(f"#post-{post_id(room, asked)} .kind")).to_have_text(
        "Open vraag"
    )


def test_question_that_touches_is_seen_by_its_writer_and_the_author_alone(
    room: Room, come_in: Callable[..., Person]
) -> None:
    mark = "Deze vraag raakt me"
    author, asker, third = come_in(AUTHOR), come_in(ASKER), come_in(THIRD)
    title = new_words("Wat vraag je mij")
    address = share(author, title, under_alias=True)
    words = new_words("Wat zou je missen als het lukt")
    question = reply(asker, address, words, "question")
    open_page = third.go(address)
    expect(open_page.locator(f"#post-{question}")).to_be_visible()

    page = author.go("/mine/anonymous/")
    prove(page)
    page.locator(".notes a", has_text=title).click()
    line = page.locator(".notes li", has_text=words)
    line.get_by_role("button", name=mark).click()

    expect(line.locator(".badge")).to_have_text(mark)
    theirs = asker.go(f"/posts/{question}/")
    expect(theirs.locator(".notice")).to_contain_text(mark)
    expect(asker.go(address).locator("main")).not_to_contain_text(mark)
    expect(third.go(f"/posts/{question}/").locator("main")).not_to_contain_text(mark)
    expect(third.go(address).locator("main")).not_to_contain_text(mark)
    assert not [each for each in third.received if mark in each]

    line.get_by_role("button", name="Neem dit terug").click()
    expect(line.get_by_role("button", name=mark)).to_be_visible()
    expect(asker.go(f"/posts/{question}/").locator(".notice")).to_have_count(0)


# ---- hints ----


def test_judging_reply_is_held_up_to_its_writer_and_goes_when_they_want(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    page = come_in(READER).go(thread)
    words = new_words(
        "Je had dit anders moeten doen. Wat een flauwekul. Kop op. Ik lees mee"
    )
    fill_reply(page, words)
    press_post(page)

    hints = page.locator("#hints")
    expect(hints).to_be_focused()
    expect(hints.locator("h2")).to_have_text("Even meelezen")
    # Three are found; two are told.
    expect(page.locator("#hints > ul > li")).to_have_count(2)
    expect(hints.locator("mark").first).to_have_text("Je had dit anders moeten")
    expect(hints.locator("em").first).to_have_text(
        "Wat wist je toen? En wat weet je nu?"
    )
    first, second = page.evaluate(SIZES, "#hints .actions > *")
    assert first == second
    page.get_by_role("link", name="Nog even kijken").click()
    expect(page.locator(TEXT)).to_be_focused()
    expect(page.locator(TEXT)).to_have_value(words)
    assert count(room, words) == 0

    page.get_by_role("button", name="Zo laten en plaatsen").click()
    expect(page.locator("#sent")).to_be_focused()
    expect(page.locator(f"#post-{post_id(room, words)}")).to_be_visible()


@pytest.mark.long
def test_hint_is_switched_off_in_place_and_on_again_in_the_settings(
    come_in: Callable[..., Person], thread: str
) -> None:
    person = come_in(ASKER, java_script_enabled=False)
    words = new_words("Wat een flauwekul. Dit had ik")
    page = person.go(thread)
    fill_reply(page, words)
    press_post(page)

    page.locator("#hints details summary").click()
    page.locator("button[name=quiet]").click()

    expect(page.locator("#hints")).to_have_count(0)
    expect(page.locator(".messages")).to_contain_text("Je tekst is nog niet verstuurd.")
    expect(page.locator("#unsent")).to_be_in_viewport()
    expect(page.locator(TEXT)).to_have_value(words)
    expect(page.locator(TEXT)).to_be_in_viewport()
    page = person.go(thread)
    fill_reply(page, words)
    press_post(page)
    expect(page.locator("#sent")).to_be_visible()

    page = person.go("/settings/hints/")
    page.locator(".hint-list li").get_by_role("button").click()
    expect(page.locator(".hint-list")).to_have_count(0)
    page = person.go(thread)
    fill_reply(page, new_words("Wat een flauwekul, nog eens"))
    press_post(page)
    expect(page.locator("#hints mark")).to_have_text("flauwekul")


def test_recognisable_details_lead_to_a_moderator_who_does_not_see_who(
    room: Room, come_in: Callable[..., Person]
) -> None:
    title = new_words("Zeg ik het de ouders?")
    words = (
        f"{SITUATION} Zijn nummer is 111222333. Bel me op 06-12345678. "
        "Wij zijn obs De Meeuw."
    )
    person = come_in(ASKER)
    page = person.go("/dilemmas/new/")
    fill_dilemma(page, title, words)
    page.locator("input[name=under_alias]").check()
    press_post(page)

    hints = page.locator("#hints")
    expect(hints).to_be_focused()
    expect(page.locator("#hints > ul > li")).to_have_count(2)
    expect(hints).to_contain_text("leest een moderator het eerst")
    expect(page.locator("input[name=under_alias]")).to_be_checked()
    hints.get_by_role("button", name="Zo laten en plaatsen").click()
    expect(page.locator("#sent h2")).to_have_text(
        "Een moderator leest je bericht eerst"
    )
    alias = page.locator("#sent strong").inner_text()
    expect(person.go("/mine/").locator("main")).not_to_contain_text(title)
    page = person.go("/mine/anonymous/")
    prove(page)
    expect(page.locator(".notes li", has_text=title)).to_contain_text(
        "wacht op moderator"
    )
    reader = come_in(READER)
    expect(reader.go("/?view=new").locator("main")).not_to_contain_text(title)

    desk = come_in(MODERATOR).go("/moderation/")
    desk.locator(".queue-item a", has_text=alias).click()
    expect(desk.locator("main")).to_contain_text("111222333")
    expect(desk.locator("body")).not_to_contain_text("Carolien")
    desk.locator("form[action$='/claim/'] button").click()
    desk.locator("button[name=act][value=publish]").click()
    expect(desk.locator(".message")).to_be_visible()
    expect(reader.go("/?view=new").locator("main")).to_contain_text(title)


@pytest.mark.long
def test_own_school_is_told_to_its_leader_and_to_nobody_else(
    room: Room, come_in: Callable[..., Person], thread: str
) -> None:
    room.python("-c", OWN_SCHOOL)
    words = new_words("Hier bij Zilverspoor ging dat zo")
    page = come_in(THIRD).go(thread)
    fill_reply(page, words)
    page.locator("input[name=under_alias]").check()
    press_post(page)

    hints = page.locator("#hints")
    expect(hints).to_contain_text("Dit lijkt op je eigen school.")
    expect(hints.locator("mark")).to_have_text("Zilverspoor")
    expect(hints).not_to_contain_text("moderator")
    press_post(page)
    expect(page.locator("#sent h2")).to_have_text("Je bericht staat online")
    assert not room.ask(
        "SELECT id FROM moderation_reviewitem WHERE post_id = ?", post_id(room, words)
    )
    other = come_in(READER).go(thread)
    fill_reply(other, new_words("Bij Zilverspoor weet ik dat niet"))
    press_post(other)
    expect(other.locator("#sent")).to_be_visible()


@pytest.mark.long
def test_switching_one_hint_off_leaves_the_other(
    come_in: Callable[..., Person], thread: str
) -> None:
    page = come_in(READER).go(thread)
    fill_reply(page, new_words("Wat een flauwekul. Kop op, het lukt"))
    press_post(page)
    hints = page.locator("#hints > ul > li")
    expect(hints).to_have_count(2)
    kept = hints.last.inner_text()

    page.locator("#hints details summary").click()
    page.locator("button[name=quiet]").first.click()

    expect(hints).to_have_count(1)
    expect(page.locator("#hints")).to_be_focused()
    assert hints.inner_text() == kept
    page.locator("#hints details summary").click()
    page.locator("button[name=quiet]").click()
    expect(page.locator("#unsent")).to_be_focused()
    press_post(page)
    expect(page.locator("#sent")).to_be_focused()


# ---- reading ----


@pytest.mark.long
def test_theme_is_followed_muted_and_left_as_it_was(
    come_in: Callable[..., Person],
) -> None:
    person = come_in(READER, java_script_enabled=False)
    page = person.go("/?theme=team")
    follow = page.locator("button[name=wish]").first
    mute = page.locator("button[name=wish]").last
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    title = new_words("Iets nieuws in dit thema")
    address = share(come_in(AUTHOR), title)
    for path in ("/?view=followed", "/notifications/"):
        expect(person.go(path).locator("main")).to_contain_text(title)

    # Whoever mutes it follows it no more.
    person.go("/?theme=team")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    expect(follow).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#room-list")).to_contain_text(title)
    for path in ("/", "/?view=new", "/?view=followed", "/notifications/"):
        expect(person.go(path).locator("main")).not_to_contain_text(title)
    person.go("/").locator("a[href='?view=muted']").click()
    expect(page.locator("#room-list")).to_contain_text(title)

    person.go("/?theme=team")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "false")
    expect(person.go("/").locator("#room-list")).to_contain_text(title)
    mute = page.locator("form[action$='/mute/'] button")
    person.go(address)
    mute.click()
    expect(mute).to_have_text("Je hebt dit stilgezet")
    expect(person.go("/").locator("#room-list")).not_to_contain_text(title)
    person.go(address)
    mute.click()
    expect(mute).to_have_text("Zet stil")
    expect(person.go("/").locator("#room-list")).to_contain_text(title)


def test_earlier_versions_can_be_read_until_their_writer_leaves_none(
    come_in: Callable[..., Person], thread: str
) -> None:
    writer, reader = come_in(ASKER), come_in(READER)
    first, second, third = (new_words(each) for each in ("Eerst", "Toen", "Nu"))
    post = reply(writer, thread, first)

    def change(words: str, *, forgets: bool) -> None:
        page = writer.go(f"/posts/{post}/edit/")
        page.locator("textarea[name=source]").fill(words)
        page.locator("input[name=forgets]").set_checked(forgets)
        page.locator("main form button.button").click()
        expect(page.locator("h1")).to_have_text("Aangepast")

    change(second, forgets=False)
    page = reader.go(thread)
    page.locator(f"#post-{post}").get_by_role("link", name="Aangepast").click()
    expect(page.locator(".post-earlier")).to_have_count(1)
    expect(page.locator(".post-earlier")).to_contain_text(first)
    history = page.url
    page = reader.go(f"/posts/{post}/")
    page.get_by_role("link", name="Naar het gesprek").click()
    expect(page.locator(f"#post-{post}")).to_be_in_viewport()

    change(third, forgets=True)

    # The open page follows: it says that it was changed, and leads nowhere.
    here = page.locator(f"#post-{post}")
    expect(here).to_contain_text(third)
    expect(here.get_by_text("Aangepast")).to_be_visible()
    expect(here.get_by_role("link", name="Aangepast")).to_have_count(0)
    page.goto(history)
    expect(page.locator("main")).to_contain_text("Hier is geen eerdere versie.")
    for words in (first, second):
        expect(page.locator("main")).not_to_contain_text(words)


# ---- finding ----


def test_words_are_found_by_stem_phrase_and_beginning_and_narrowed(
    come_in: Callable[..., Person],
) -> None:
    page = come_in(READER, java_script_enabled=False).go("/search/")
    hits = page.locator(".dilemmas > li")
    asked = page.locator("input[name=q]")

    def find(words: str, *, theme: str = "", state: str = "") -> None:
        asked.fill(words)
        page.locator("select[name=theme]").select_option(theme)
        page.locator("select[name=state]").select_option(state)
        page.locator("form.search button").click()
        page.wait_for_url(
            f"**/search/?q={quote_plus(words)}&theme={theme}&state={state}"
        )

    find("invallers")
    expect(hits.locator(".dilemma-title mark").first).to_have_text("invaller")
    find('"tijdelijke contracten"')
    marked = hits.locator(".found-here mark")
    expect(marked.nth(0)).to_have_text("tijdelijke")
    expect(marked.nth(1)).to_have_text("contracten")
    find('"contracten tijdelijke"')
    expect(page.locator(".empty")).to_contain_text("Niets gevonden")
    find("griepsei")
    expect(hits.locator("mark").first).to_have_text("griepseizoen")

    find("ouders", theme="money")
    expect(hits.first).to_be_visible()
    assert {*hits.locator(".dilemma-top").all_inner_texts()} == {
        "Geld, gebouw en toekomst"
    }
    find("ouders", state="outcome")
    expect(hits.first).to_be_visible()
    assert hits.count() == hits.filter(has_text="Met afloop").count()
    find("ouders", state="open")
    expect(hits.first).to_be_visible()
    expect(hits.filter(has_text="Met afloop")).to_have_count(0)
    find("griepseizoen", theme="money")
    page.get_by_role("link", name="Zoek overal").click()
    expect(hits.locator("mark").first).to_have_text("griepseizoen")

    find("oogsten")
    hits.locator(".dilemma-title a").first.click()
    found = page.locator(":target")
    expect(found).to_contain_text("oogsten")
    expect(found).to_be_in_viewport()


@pytest.mark.long
def test_somebody_is_found_by_their_words_and_never_by_their_name(
    room: Room, come_in: Callable[..., Person]
) -> None:
    person = come_in(ASKER)
    title = new_words("Vertel ik het aan mijn schoonzus")
    share(person, title, under_alias=True)
    alias = person.page.locator("#sent strong").inner_text()
    page = come_in(READER).go("/search/")

    for who in ("Carolien", alias, f'"{alias}"', ASKER):
        page.locator("input[name=q]").fill(who)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/search/?q={quote_plus(who)}&*")
        expect(page.locator("main")).not_to_contain_text(title)
    page.locator("input[name=q]").fill("schoonzus")
    page.keyboard.press("Enter")
    hit = page.locator(".dilemmas > li", has_text=title)
    expect(hit).to_contain_text("Anoniem")
    expect(hit).not_to_contain_text("Carolien")


def test_search_is_opened_asked_and_followed_with_keys_alone(
    come_in: Callable[..., Person],
) -> None:
    page = come_in(READER).go("/")

    tab_to(page, "details.menu summary")
    page.keyboard.press("Enter")
    tab_to(page, "a[href='/search/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/")
    tab_to(page, "input[name=q]")
    page.keyboard.type("oogsten")
    tab_to(page, "select[name=theme]")
    page.keyboard.type("Team")
    tab_to(page, "form.search button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?*theme=team*")
    tab_to(page, ".dilemma-title a")
    page.keyboard.press("Enter")

    expect(page.locator(":target")).to_contain_text("oogsten")
    expect(page.locator(":target")).to_be_in_viewport()


# ---- on a phone, without script ----


def test_on_a_phone_without_script_somebody_tells_answers_and_finds(
    room: Room, come_in: Callable[..., Person]
) -> None:
    address = share(come_in(AUTHOR), new_words("Wie hoort mij"), ask="listen")
    page = come_in(
        READER, java_script_enabled=False, has_touch=True, is_mobile=True
    ).go("/dilemmas/new/")

    title = new_words("Zwaai ik haar uit")
    page.locator("input[name=title]").fill(title)
    page.locator("textarea[name=source]").fill(SITUATION)
    page.locator(".more-fields summary").tap()
    page.locator("textarea[name=pull_a]").fill(DETAILS["pull_a"])
    page.locator("textarea[name=pull_b]").fill(DETAILS["pull_b"])
    page.locator(SENT).tap()
    expect(page.locator("#errors li")).to_have_count(3)
    expect(page.locator("#errors")).to_be_in_viewport()
    page.locator("#errors a").first.tap()
    page.locator("select[name=category]").select_option("team")
    page.locator(".choice", has=page.locator("[value=questions]")).tap()
    page.locator("label.check", has_text="namen").tap()
    page.locator("button[name=preview]").tap()
    expect(page.locator("#preview .pulls strong")).to_have_text("iedereen")
    page.locator(SENT).tap()
    page.locator("#sent .actions a").first.tap()
    expect(page.locator(".post-opening .pulls .told")).to_have_count(2)

    # Advice is not asked for: the question that opens the way is one press.
    page.goto(room.url + address)
    advice = page.locator(".choice", has=page.locator("[value=advice]"))
    expect(advice).to_contain_text("De schrijver vraagt nu niet om advies.")
    expect(advice.locator("input")).to_be_disabled()
    words = new_words("Ik ken dit")
    page.locator(TEXT).fill(words)
    page.locator("button[name=idea]").tap()
    expect(page.locator(TEXT)).to_have_value(f"Mag ik een idee delen?\n\n{words}")
    expect(page.locator(TEXT)).to_be_in_viewport()
    expect(page.locator("#composer [value=question]")).to_be_checked()
    page.locator(SENT).tap()
    expect(page.locator("#sent h2")).to_be_in_viewport()

    page.goto(room.url + "/search/")
    page.locator("input[name=q]").fill("uitzwaaien")
    page.locator("form.search button").tap()
    expect(page.locator(".empty")).to_contain_text("Niets gevonden")
    page.locator("input[name=q]").fill(f'zwaai "haar uit" {title.split()[-1][:5]}')
    page.locator("form.search button").tap()
    page.locator(".dilemma-title a", has_text=title).tap()
    expect(page.locator("h1")).to_have_text(title)
