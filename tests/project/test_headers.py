from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import Member
from forum.models import ReplyKind
from tests.accounts.entering import Answer
from tests.factories import PASSWORD, make_reply, make_thread
from tests.people import ClientFor
from tests.project.test_routes import PEOPLE, ROUTES, Places, people, places, post

# The fixtures of the table.
__all__ = ["people", "places", "post"]

FOREIGN = "https://elders.example"
# What a browser fetches, sends to or runs by itself; a link waits for a click.
FETCHED = {"src", "srcset", "href", "action", "formaction", "data", "poster", "ping"}


class Page(HTMLParser):
    """What a page asks for, and what it would run in the page itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inline += [name for name in given if name.startswith("on")]
        self.inline += ["style"] if "style" in given else []
        is_data = given.get("type", "").endswith("json")
        self._inside = tag if tag in {"script", "style"} and not is_data else ""
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.inline.append("refresh")
        for name in FETCHED & set(given):
            if not (tag == "a" and name == "href"):
                self.addresses.append(given[name])

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.inline.append(f"{self._inside}: {data.strip()[:40]}")


def directives(response: Answer) -> dict[str, list[str]]:
    policy = response["Content-Security-Policy"]
    parts = (part.split() for part in policy.split(";"))
    return {part[0]: part[1:] for part in parts if part}


@pytest.mark.parametrize(
    "path", ["/", "/mine/", "/dilemmas/new/", "/settings/mail/", "/accounts/2fa/"]
)
def test_signed_in_page_stays_out_of_caches_and_frames(
    member: Member, client_for: ClientFor, path: str
) -> None:
    answer = client_for(member).get(path)

    assert answer.status_code == 200
    assert answer["Cache-Control"].replace(" ", "").split(",")[:2] == [
        "private",
        "no-store",
    ]
    assert not answer.has_header("ETag")
    assert not answer.has_header("Last-Modified")
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert "camera=()" in answer["Permissions-Policy"]


def test_thread_and_its_changes_stay_out_of_caches(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True)

    for path in (f"/dilemmas/{thread.pk}/", f"/dilemmas/{thread.pk}/changes/?after=0"):
        answer = client_for(member).get(path)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert not answer.has_header("ETag")


def test_policy_lets_nothing_in_but_our_own(client: Client, db: None) -> None:
    policy = directives(client.get("/rules/"))

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert policy["img-src"] == ["'self'"]
    assert policy["form-action"] == ["'self'"]
    assert policy["base-uri"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    sources = {source for values in policy.values() for source in values}
    assert not {source for source in sources if "unsafe" in source or "*" in source}
    assert "data:" not in sources


@pytest.mark.parametrize("path", ["/", "/nergens/", "/mine/", "/language/"])
def test_refusals_and_redirects_carry_the_same_headers(
    client: Client, db: None, path: str
) -> None:
    answer = client.get(path)

    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
    assert directives(answer)["script-src"] == ["'self'"]


def fetch(site: str, mode: str, dest: str) -> dict[str, str]:
    return {
        "Sec-Fetch-Site": site,
        "Sec-Fetch-Mode": mode,
        "Sec-Fetch-Dest": dest,
    }


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("mode", "dest"),
    [
        ("cors", "empty"),
        ("no-cors", "image"),
        ("no-cors", "script"),
        ("navigate", "iframe"),
        ("navigate", "embed"),
    ],
)
def test_fetch_by_another_site_is_refused(
    member: Member, client_for: ClientFor, site: str, mode: str, dest: str
) -> None:
    client = client_for(member)

    answer = client.get("/mine/", headers=fetch(site, mode, dest))

    assert answer.status_code == 403
    assert "Marit" not in answer.content.decode()
    assert answer["X-Frame-Options"] == "DENY"
    assert directives(answer)["frame-ancestors"] == ["'none'"]


def test_link_on_another_site_opens_the_page(
    member: Member, client_for: ClientFor
) -> None:
    headers = fetch("cross-site", "navigate", "document")

    assert client_for(member).get("/mine/", headers=headers).status_code == 200


def test_form_on_another_site_is_refused(member: Member, client_for: ClientFor) -> None:
    client = client_for(member)
    headers = fetch("cross-site", "navigate", "document")

    answer = client.post("/language/", {"language": "en"}, headers=headers)

    assert answer.status_code == 403
    member.refresh_from_db()
    assert member.language == "nl"


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_pages_fetch_freely(
    member: Member, client_for: ClientFor, site: str
) -> None:
    answer = client_for(member).get("/changes/", headers=fetch(site, "cors", "empty"))

    assert answer.status_code == 200


def every_page(
    client: Client, places: Places, who: str
) -> Iterator[tuple[str, Answer]]:
    """The pages that somebody can open, by the table of the routes."""
    for path, answers in ROUTES.values():
        if answers[PEOPLE.index(who)] in {"page", "proof", "absent"}:
            address = path.format(**places)
            answer = client.get(address)
            if answer["Content-Type"].startswith("text/html"):
                yield address, answer


@pytest.mark.parametrize("who", ["visitor", "applicant", "member", "moderator"])
def test_an_30_pages_ask_no_foreign_origin_and_hold_no_inline_code(
    places: Places, people: dict[str, Member], client_for: ClientFor, who: str
) -> None:
    client = client_for(people[who]) if who in people else Client()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    if who in {"member", "moderator"}:
        client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    seen = 0

    for address, answer in every_page(client, places, who):
        page = Page(answer.content.decode())
        hosts = {urlsplit(asked).netloc for asked in page.addresses}
        schemes = {urlsplit(asked).scheme for asked in page.addresses}
        assert hosts <= {"", "testserver"}, address
        assert schemes <= {"", "http"}, address
        assert page.inline == [], address
        seen += 1

    assert seen >= 10


def test_an_30_text_of_a_member_cannot_make_a_page_ask_elsewhere(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    source = (
        f"Zie {FOREIGN}/bron en ![plaatje]({FOREIGN}/spoor.png) en "
        f'<img src="{FOREIGN}/b.png"><iframe src="{FOREIGN}"></iframe> hier.'
    )
    make_reply(other_member, thread, kind=ReplyKind.POINTER, source=source)

    html = client_for(member).get(f"/dilemmas/{thread.pk}/").content.decode()

    page = Page(html)
    assert not [asked for asked in page.addresses if FOREIGN in asked]
    assert page.inline == []


def test_parser_of_these_tests_sees_what_it_looks_for() -> None:
    page = Page(
        f'<img src="{FOREIGN}/a.png"><link rel=stylesheet href="{FOREIGN}/a.css">'
        f'<a href="{FOREIGN}">x</a><p onclick="x()" style="color:red">'
        '<script>x()</script><style>p{}</style><script type="application/json">{}'
        "</script>"
    )

    assert len(page.addresses) == 2
    assert page.inline == ["onclick", "style", "script: x()", "style: p{}"]


def test_static_file_has_the_headers_of_a_page(client: Client, db: None) -> None:
    html = client.get("/rules/").content.decode()
    found = re.search(r'href="(/static/css/base[^"]*)"', html)
    assert found

    answer = client.get(found[1])
    answer.close()

    assert answer.status_code == 200
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert not answer.has_header("Access-Control-Allow-Origin")
    assert answer["X-Content-Type-Options"] == "nosniff"
