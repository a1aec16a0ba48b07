"""The page that tells members how anonymity works tells what is in force."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client, override_settings

from accounts import group, owner_mode
from forum import delaying, leaving
from moderation import unsealing

pytestmark = pytest.mark.django_db


def page() -> str:
    client = Client()
    client.cookies["django_language"] = "en"
    return client.get("/anonymity/").content.decode()


@pytest.mark.parametrize(
    ("module", "name", "value", "words"),
    [
        (owner_mode, "SECONDS", 7 * 60, "for 7 minutes"),
        (delaying, "TICKS", 24, "within 2 hours"),
        (group, "SMALL", 40, "fewer than 40 members"),
        (leaving, "LONGEST", dt.timedelta(11), "within 11 days"),
        (unsealing, "WAIT", dt.timedelta(hours=96), "wait 96 hours"),
    ],
)
def test_figures_are_those_that_the_code_goes_by(
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    value: object,
    words: str,
) -> None:
    assert words not in page()
    monkeypatch.setattr(module, name, value)
    assert words in page()


def test_says_whether_everything_is_read_first() -> None:
    assert "Usually your text appears at once" in page()
    with override_settings(PREMODERATE="anonymous"):
        assert "They read your text before it becomes visible" in page()


def test_says_that_writing_is_closed_without_a_key_ring() -> None:
    assert "Writing is closed" not in page()
    with override_settings(ALIAS_KEYS=[]):
        assert "Writing is closed" in page()
