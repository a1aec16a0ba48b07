from __future__ import annotations

import datetime as dt
import io
import logging
import re
import sys
from collections.abc import Iterator

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from accounts.models import Member
from directeurskamer.quiet_logs import QuietFormatter

CANARY = "kanarie"
LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d[05]Z [A-Z]+ [a-z.A-Z]+ [\w:.-]+(?: [\w:.-]+)*"
)
FRAME = re.compile(r"    [\w.]+:\d+ [\w<>.]+")


def fail(request: HttpRequest, name: str) -> HttpResponse:
    """A page with a fault that knows everything about the request."""
    told = f"{name} {request.GET} {request.POST} {request.user} {request.META}"
    raise ValueError(f"{CANARY}: {told}")


# The routes of these tests: the real ones, and the page with the fault.
urlpatterns = [
    path("fail/<str:name>/", fail, name="fail"),
    path("", include("directeurskamer.urls")),
]
handler404 = "directeurskamer.views.not_found"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the handler of the settings writes, as an operator finds it."""
    handler = logging.getLogger("kamer").handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    usual = handler.setStream(written)
    yield written
    handler.setStream(usual or sys.stderr)


@pytest.fixture
def visitor(settings: Settings) -> Client:
    """Somebody who bears canaries wherever a request has room for them."""
    settings.ROOT_URLCONF = __name__
    return Client(
        raise_request_exception=False,
        HTTP_USER_AGENT=f"{CANARY}-agent",
        HTTP_REFERER=f"http://testserver/{CANARY}",
        REMOTE_ADDR="203.0.113.77",
    )


def assert_quiet(text: str, *words: str) -> None:
    assert text
    for line in text.splitlines():
        assert LINE.fullmatch(line) or FRAME.fullmatch(line), line
    for word in (CANARY, "203.0.113.77", "@", *words):
        assert word not in text


def test_every_handler_writes_in_the_quiet_form() -> None:
    for name in ("", "kamer", "django"):
        handlers = [
            handler
            for handler in logging.getLogger(name).handlers
            if not handler.__class__.__module__.startswith("_pytest")
        ]
        assert handlers
        for handler in handlers:
            assert isinstance(handler.formatter, QuietFormatter)


def test_page_that_fails_leaves_a_line_without_canaries(
    visitor: Client, lines: io.StringIO, member: Member
) -> None:
    visitor.force_login(member)

    answer = visitor.post(f"/fail/{CANARY}/?zoek={CANARY}", {"source": CANARY})

    text = lines.getvalue()
    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()
    assert_quiet(text, member.pk, member.email, member.display_name, "/fail/", "zoek")
    assert " ERROR django.request " in text
    assert " ValueError" in text
    assert re.search(r"test_logs\.py:\d+ fail", text)
    assert " INFO kamer.request fail POST 500" in text


@pytest.mark.parametrize(
    ("method", "address", "name", "status"),
    [
        ("get", f"/rules/?zoek={CANARY}", "pages:rules", 200),
        ("get", f"/{CANARY}/", "-", 404),
        ("get", f"/mine/?zoek={CANARY}", "forum:mine_list", 302),
        ("post", "/dilemmas/new/", "forum:thread_create", 403),
        ("get", f"/invitations/{CANARY}/", "accounts:invitation_detail", 404),
    ],
)
def test_request_leaves_the_name_of_its_route_and_nothing_else(
    visitor: Client,
    lines: io.StringIO,
    db: None,
    method: str,
    address: str,
    name: str,
    status: int,
) -> None:
    getattr(visitor, method)(address)

    assert_quiet(lines.getvalue())
    verb = method.upper()
    assert f" INFO kamer.request {name} {verb} {status}\n" in lines.getvalue()


def test_strange_host_and_strange_method_are_not_repeated(
    visitor: Client, lines: io.StringIO, db: None
) -> None:
    visitor.get("/rules/", HTTP_HOST=f"{CANARY}.example")
    visitor.generic(CANARY.upper(), "/rules/")

    assert_quiet(lines.getvalue(), CANARY.upper())
    assert " ERROR django.security.DisallowedHost " in lines.getvalue()
    assert " INFO kamer.request pages:rules - 405" in lines.getvalue()


def test_refused_sign_in_leaves_no_address(
    visitor: Client, lines: io.StringIO, member: Member
) -> None:
    visitor.post("/accounts/login/", {"login": member.email, "password": CANARY})

    assert_quiet(lines.getvalue(), member.email, "marit")


def record(name: str, words: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord(
        name, logging.WARNING, "/srv/kanarie/place.py", 7, words, values, None
    )


def test_words_of_other_loggers_become_a_place() -> None:
    line = QuietFormatter().format(record("library", "read %s", CANARY))

    assert line.endswith(" WARNING library place:7")
    assert CANARY not in line


def test_words_of_our_own_loggers_are_kept() -> None:
    formatter = QuietFormatter()

    assert formatter.format(record("kamer.mail", "%s sent", 3)).endswith(" 3 sent")
    # Only a whole name counts: this logger is somebody else's.
    assert CANARY not in formatter.format(record("kamerplant", CANARY))


@pytest.mark.parametrize("logger", ["library", "kamer"])
def test_exception_shows_its_type_and_place_and_never_its_text(logger: str) -> None:
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as cause:
            raise RuntimeError(f"{CANARY} again") from cause
    except RuntimeError:
        found = record(logger, "failed")
        found.exc_info = sys.exc_info()

    text = QuietFormatter().format(found)

    assert CANARY not in text
    assert " RuntimeError\n" in text
    assert re.search(r"\n    test_logs\.py:\d+ test_exception_shows", text)


@pytest.mark.parametrize("minute", [0, 1, 4, 5, 59])
def test_moment_is_five_minutes_wide(minute: int) -> None:
    moment = dt.datetime(2026, 3, 10, 9, minute, 42, tzinfo=dt.UTC)

    with time_machine.travel(moment, tick=False):
        line = QuietFormatter().format(record("kamer", "done"))

    assert line.startswith(f"2026-03-10T09:{minute // 5 * 5:02}Z ")
