from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Person, Room, company
from tests.browser.test_journey import SEND_DIGESTS
from tests.browser.writing import (
    SITUATION,
    fill_dilemma,
    fill_reply,
    press_post,
)

RUN = "window.__pwned=1"
EVIL = "//kwaad.example"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'"><svg onload="{RUN}">',
    f"<svg><style><img src=x onerror={RUN}></style></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<body onpageshow={RUN}>",
    f'<iframe srcdoc="<script>parent.{RUN[7:]}</script>"></iframe>',
    f"<iframe src=https:{EVIL}></iframe>",
    f"<object data=https:{EVIL}></object><embed src=https:{EVIL}>",
    f"<link rel=stylesheet href=https:{EVIL}/a.css>",
    f"<style>@import url(https:{EVIL}/b.css); body {{ display: none }}</style>",
    f"<base href=https:{EVIL}>",
    f"<meta http-equiv=refresh content='0;url=https:{EVIL}'>",
    f"<form action=https:{EVIL}><button>Verder</button></form>",
    f"<video src=https:{EVIL}/c.mp4 autoplay onerror={RUN}></video>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"</textarea><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"]]></script><script>{RUN}</script>",
    f"' onmouseover='{RUN}' autofocus onfocus='{RUN}",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"%3Cscript%3E{RUN}%3C/script%3E \\u003cscript\\u003e",
    f'<a href="&#106;avascript:{RUN}">klik</a>',
    f"[klik](javascript:{RUN})",
    f"[klik](JaVa&#9;ScRiPt:{RUN})",
    f"[klik](data:text/html;base64,PHNjcmlwdD4={RUN})",
    f"[klik](vbscript:{RUN})",
    f"<javascript:{RUN}>",
    f"![beeld](https:{EVIL}/d.png)",
    f"![beeld](data:image/svg+xml,<svg/onload={RUN}>)",
    f"[klik][weg]\n\n[weg]: javascript:{RUN}",
    f'[klik](https:{EVIL}/"onmouseover="{RUN})',
    f'```html" onload="{RUN}\n<script>{RUN}</script>\n```',
    "{{ request.user.email }} {% debug %} ${7*7}",
    "Van rechts \u202e naar links, en nul\u200b breed",
]
SHORT = f"<img src=x onerror={RUN}>"
NAME = f'"><svg onload={RUN}>'
TITLE = f"<script>{RUN}</script><img src=x onerror={RUN}>"
# What a text could have made on the page, were it not text.
STRANGE = """() => {
  const within = document.querySelectorAll(
    ".post .text *, .dilemma-card *, .notice *, .review *, .notes *, .queue *");
  const isStrange = (element) =>
    /^(script|img|svg|style|iframe|object|embed|link|meta|base|video|math|noscript)$/i
      .test(element.localName)
    || [...element.attributes].some((each) => each.name.startsWith("on")
      || (each.name === "href" && !/^(https?:|\\/|#|\\?)/.test(each.value)));
  return [...within].filter(isStrange).map((each) => each.outerHTML.slice(0, 200));
}"""
ADDRESS = "kwaad@voorbeeld.nl"
APPLICATION = {
    "full_name": SHORT,
    "display_name": NAME,
    "email": ADDRESS,
    "password1": PASSWORD,
    "work_note": SHORT,
    "proof_note": SHORT,
    "school": SHORT,
    "board": f"</textarea><script>{RUN}</script>",
    "motivation": "\n".join(PAYLOADS[:8]),
}
# All of them, in a few texts that a form takes.
GROUPS = ["\n\n".join(PAYLOADS[start : start + 8]) for start in range(0, 40, 8)]


@dataclass
class Planted:
    """Where the payloads are, and the two pages that were open meanwhile."""

    author: Person
    moderator: Person
    live: Page
    live_list: Page
    thread: str
    posts: list[str]
    owner: Person
    owned: str
    returned: str
    items: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def join(browser: Browser, room: Room) -> Iterator[Callable[..., Person]]:
    with company(browser, room) as come_in:
        yield come_in


@pytest.fixture(scope="module")
def planted(room: Room, join: Callable[..., Person]) -> Planted:
    """Everything that a member, an applicant or a moderator can write, hostile."""
    author, moderator = _invited(room, join()), join("moderator@voorbeeld.nl")
    live_list = join("lotte@voorbeeld.nl").page
    opening = _share(room, author)
    items = [_decide(room, moderator, opening)]
    ((thread_id,),) = room.ask("SELECT thread_id FROM forum_post WHERE id = ?", opening)
    thread = f"/dilemmas/{thread_id}/"
    live = join("karin@voorbeeld.nl").go(thread)
    expect(live.locator("[data-live]")).to_be_visible()
    owner = join("mehmet@voorbeeld.nl")
    posts = [
        _reply(room, join("nienke@voorbeeld.nl"), thread, GROUPS[1]),
        _reply(room, join("gerben@voorbeeld.nl"), thread, GROUPS[2], under_alias=True),
        _reply(room, join("petra@voorbeeld.nl"), thread, GROUPS[3]),
        _reply(room, owner, thread, GROUPS[4], under_alias=True),
    ]
    _flag(join("wendy@voorbeeld.nl"), opening)
    items += [_decide(room, moderator, post) for post in posts]
    returned = _reply(room, author, thread, f"Zo dan. {SHORT}")
    items.append(_decide(room, moderator, returned, "return"))
    _keep_draft(author)
    items.append(_apply(room, join()))
    _get_digest(room, author)
    return Planted(
        author,
        moderator,
        live,
        live_list,
        thread,
        [opening, *posts],
        owner,
        posts[-1],
        returned,
        items,
    )


def _invited(room: Room, person: Person) -> Person:
    room.manage("invite_member", "bits@voorbeeld.nl")
    link = re.search(r"/invitations/\S+/", room.wait_for_mail("bits@voorbeeld.nl"))
    assert link
    page = person.go(link[0])
    page.locator("input[name=display_name]").fill(NAME)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=keeps_rules]").check()
    page.locator("main form button.button").click()
    page.wait_for_url(f"{room.url}/")
    return person


def _share(room: Room, author: Person) -> str:
    page = author.go("/dilemmas/new/")
    fill_dilemma(page, TITLE, f"{SITUATION}\n\n{GROUPS[0]}")
    return _send(room, page)


def _reply(
    room: Room, person: Person, thread: str, words: str, *, under_alias: bool = False
) -> str:
    page = person.go(thread)
    fill_reply(page, words, "pointer")
    page.locator("#composer input[name=under_alias]").set_checked(under_alias)
    return _send(room, page)


def _send(room: Room, page: Page) -> str:
    """Send the composer's form and return the id of the newest text."""
    press_post(page)
    expect(page.locator("#sent, #hints")).to_be_visible()
    if page.locator("#hints").count():
        _expect_calm(page)
        press_post(page)
    expect(page.locator("#sent")).to_be_visible()
    return room.ask("SELECT id FROM forum_post ORDER BY rowid DESC LIMIT 1")[0][0]


def _decide(room: Room, moderator: Person, post: str, act: str = "publish") -> str:
    """Decide on what waits because of ``post``, if anything does; the item's id."""
    found = room.ask("SELECT id FROM moderation_reviewitem WHERE post_id = ?", post)
    assert found, post
    page = moderator.go(f"/moderation/items/{found[0][0]}/")
    _expect_calm(page)
    page.locator("form[action$='/claim/'] button").click()
    if act == "publish":
        page.locator(".decide .button").first.click()
    else:
        page.locator("input[name=reason][value=R01]").check()
        page.locator(f"button[name=act][value={act}]").click()
        message = page.locator("textarea[name=message]")
        message.fill(f"{message.input_value()}\n\n{GROUPS[1]}")
        _expect_calm(page)
        page.locator("#decide form button").first.click()
    expect(page.locator(".message")).to_be_visible()
    return found[0][0]


def _flag(person: Person, post: str) -> None:
    page = person.go(f"/posts/{post}/flag/")
    page.locator("input[name=reason]").first.check()
    page.locator("textarea[name=note]").fill(GROUPS[2][:500])
    page.locator("main form button.button").click()
    expect(page.locator("main form")).to_have_count(0)
    person.go("/mine/flags/")
    _expect_calm(page)


def _keep_draft(author: Person) -> None:
    page = author.go("/dilemmas/new/")
    fill_dilemma(page, TITLE, GROUPS[3])
    page.locator("button[name=keep]").click()
    expect(page.locator(".message")).to_be_visible()


def _apply(room: Room, applicant: Person) -> str:
    page = applicant.go("/apply/")
    for name, value in APPLICATION.items():
        page.locator(f"main form [name={name}]").fill(value)
    for choice in ("work=director", "proof_route=call", "is_board_member=no"):
        name, value = choice.split("=")
        page.locator(f"input[name={name}][value={value}]").check()
    page.locator("input[name=keeps_rules]").check()
    page.locator("main form button.button").click()
    expect(page.locator("#errors")).to_be_visible()
    _expect_calm(page)
    page.locator("main form [name=password1]").fill(PASSWORD)
    page.locator("input[name=read_privacy]").check()
    page.locator("main form button.button").click()
    expect(page.locator("input[name=code]")).to_be_visible()
    code = re.search(r"^\s*([A-Z0-9-]{6,})\s*$", room.wait_for_mail(ADDRESS), re.M)
    assert code
    page.locator("input[name=code]").fill(code[1])
    page.locator("main form button").first.click()
    expect(page.locator("main form")).to_have_count(0)
    _expect_calm(page)
    return room.ask(
        "SELECT id FROM moderation_reviewitem WHERE application_id IN "
        "(SELECT id FROM accounts_application WHERE full_name = ?)",
        SHORT,
    )[0][0]


def _get_digest(room: Room, author: Person) -> None:
    page = author.go("/settings/mail/")
    page.locator("input[name=digest_has_titles]").check()
    page.locator("main form button.button").click()
    expect(page.locator(".message")).to_be_visible()
    later = "today = timezone.localdate() + dt.timedelta(14)"
    room.python("-c", SEND_DIGESTS.replace("today = timezone.localdate()", later))


def _expect_calm(page: Page) -> None:
    """Nothing ran, nothing was made of a text; requests and faults are watched."""
    assert page.evaluate("window.__pwned") is None
    assert page.evaluate(STRANGE) == []


def _visit(person: Person, *paths: str) -> None:
    for path in paths:
        page = person.go(path)
        page.wait_for_load_state("networkidle")
        _expect_calm(page)


def test_texts_stand_in_the_thread_as_they_were_typed(planted: Planted) -> None:
    page = planted.author.go(planted.thread)

    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator(".post-opening .who-name")).to_have_text(NAME)
    words = page.locator("main").inner_text()
    for payload in PAYLOADS:
        if payload.startswith("<") and "\n" not in payload:
            assert payload in words, payload
    _expect_calm(page)


def test_texts_that_arrive_live_run_nothing(planted: Planted) -> None:
    for page in (planted.live, planted.live_list):
        page.locator(".pill").click()
        page.wait_for_load_state("networkidle")
        _expect_calm(page)

    expect(planted.live.locator("#replies-list")).to_contain_text("onerror=")
    expect(planted.live_list.locator("#room-list")).to_contain_text(TITLE)


def test_no_page_of_a_reader_runs_anything(planted: Planted) -> None:
    paths = [f"/posts/{post}/" for post in planted.posts]
    answer = f"{planted.thread}?answer={planted.posts[1]}"
    flag = f"/posts/{planted.posts[0]}/flag/"

    _visit(planted.author, "/", planted.thread, answer, flag, *paths)


def test_no_page_of_an_author_runs_anything(planted: Planted) -> None:
    post = f"/posts/{planted.returned}/"
    edit, away = f"{post}edit/", f"{post}withdraw/"

    _visit(planted.author, "/mine/", "/notifications/", "/drafts/", post, edit, away)
    planted.author.go("/drafts/").locator(".notes a").first.click()
    page = planted.author.page
    expect(page.locator("input[name=title]")).to_have_value(TITLE)
    expect(page.locator("textarea[name=source]")).to_have_value(GROUPS[3])
    press_post(page)
    expect(page.locator("#errors")).to_be_visible()
    _expect_calm(page)


def test_no_page_of_an_anonymous_author_runs_anything(planted: Planted) -> None:
    page = planted.owner.go("/mine/anonymous/")
    page.locator("main input[name=password]").fill(PASSWORD)
    page.locator("main form button.button").click()
    expect(page.locator(".notes")).to_be_visible()
    post = f"/mine/anonymous/{planted.owned}/"

    _visit(planted.owner, "/mine/anonymous/", post, f"{post}edit/", f"{post}withdraw/")


def test_no_page_of_a_moderator_runs_anything(planted: Planted) -> None:
    items = [f"/moderation/items/{item}/" for item in planted.items]

    _visit(planted.moderator, "/moderation/", "/moderation/decisions/", *items)


def test_mails_run_nothing_where_the_demo_shows_them(
    room: Room, planted: Planted
) -> None:
    page = planted.author.go("/demo/mail/")

    expect(page.locator("main")).to_contain_text("onerror=")
    _expect_calm(page)


def test_text_that_is_handed_back_runs_nothing(
    room: Room, join: Callable[..., Person], planted: Planted
) -> None:
    person = join("zohra@voorbeeld.nl", afresh=True)
    page = person.go(planted.thread)
    fill_reply(page, GROUPS[0])
    person.context.clear_cookies(name="sessionid")

    press_post(page)

    expect(page.locator("main textarea")).to_have_value(GROUPS[0])
    _expect_calm(page)
