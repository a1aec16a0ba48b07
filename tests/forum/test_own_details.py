from __future__ import annotations

import pytest

from forum.text_checks.findings import needs_moderator
from forum.text_checks.own_details import OwnDetails, check_own

OWN = OwnDetails(
    school="obs De Duinroos, Zandvoort",
    board="Stichting Kustwijs",
    name="Anna van Zoelen",
)


def found(text: str, own: OwnDetails = OWN) -> list[tuple[str, str]]:
    return [(finding.code, finding.fragment) for finding in check_own(text, own)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bij ons op Duinroos is het stil.", [("O1", "Duinroos")]),
        ("bij ons op de duinroos is het stil", [("O1", "de duinroos")]),
        ("Heel Zandvoort praat erover.", [("O2", "Zandvoort")]),
        ("Kustwijs wil dat ik kies.", [("O3", "Kustwijs")]),
        ("Groet, mevrouw Zoelen", [("O4", "Zoelen")]),
        ("DUINROOS", [("O1", "DUINROOS")]),
    ],
)
def test_own_details_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Een duinroos bloeit in mei.",
        "Ons bestuur, een stichting, is groot.",
        "De openbare basisschool van nu.",
        "Van de week was het stil.",
    ],
)
def test_ordinary_words_are_not_own_details(text: str) -> None:
    assert found(text) == []


def test_nothing_kept_finds_nothing() -> None:
    assert found("De Duinroos in Zandvoort", OwnDetails()) == []
    assert found("Basisschool en bestuur", OwnDetails(school="diverse scholen")) == []


def test_no_own_finding_calls_a_moderator() -> None:
    text = "De Duinroos in Zandvoort van Kustwijs, Anna Zoelen"

    assert not needs_moderator(check_own(text, OWN))


def test_printed_details_show_nothing() -> None:
    assert "Duinroos" not in repr(OWN)
