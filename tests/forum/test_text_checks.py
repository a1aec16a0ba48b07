from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from forum.text_checks import findings as findings_module
from forum.text_checks.findings import check, check_tone, needs_moderator

PATTERNS: list[dict[str, Any]] = tomllib.loads(
    Path(findings_module.__file__)
    .with_name("patterns.toml")
    .read_text(encoding="utf-8")
)["pattern"]

ORDINARY = [
    "We zijn twee jaar bezig met een andere manier van lezen in de onderbouw. De "
    "eerste resultaten zijn voorzichtig goed.",
    "**Wat ik al deed.** Ik heb met drie mensen apart gesproken. Alle drie zeiden: "
    "'Het gaat wel, hoor.' Ik weet niet of dat waar is.",
    "Los van jouw vraag, misschien fijn om te weten: bij twijfel over de veiligheid "
    "van een kind kun je advies vragen aan Veilig Thuis (0800-2000), ook zonder de "
    "naam van het gezin te noemen.",
    "En mocht het donkerder worden dan je hier schrijft: 113 kun je dag en nacht "
    "gratis bellen. Ook zonder dat het 'erg genoeg' is.",
    "Volgens de AVG en na overleg met de MR hebben we in 2024 gekozen voor groep 3AB.",
    "Ik herken dit. Ben je er met je team al over in gesprek?",
]

HOSTILE = [
    "a" * 20_000,
    "a@" * 10_000,
    "a." * 10_000,
    "@a" * 10_000,
    "a@b." * 5_000,
    "a@" + "b." * 10_000,
    "0" * 20_000,
    "0 1 2 3 4 5 " * 1_700,
    "06-1234567 " * 1_800,
    "+31(0)" * 3_300,
    "0-( ) " * 3_300,
    "1234 " * 4_000,
    "12AB" * 5_000,
    "12AB " * 4_000,
    "123.456.789 " * 1_600,
    "111222333 " * 2_000,
    "NL91 ABNA 0417 1643 0" * 950,
    "nl91 " * 4_000,
    "](" * 10_000,
    "](&" * 6_600,
    "[a]:" * 5_000,
    "https://" * 2_500,
    "https://a.nl " * 1_500,
    "https://" + "a." * 10_000,
    "https://a.nl/" + ")" * 20_000,
    "ik weet " * 2_500,
    "ik weet" + " " * 20_000,
    "ik weet " + "a" * 20_000,
    "ben je " + "soms " * 4_000,
    "ben je " * 2_800,
    "ik ga dit " * 2_000,
    "je bestuur " * 1_800,
    "mag ik screenshot " * 1_100,
    "ouders " * 2_800,
    "screenshot " * 1_800,
    "brin " * 4_000,
    "brin" + " " * 20_000,
    "jan apenstaart " * 1_300,
    "je had dit " * 1_900,
    "je zou " + "je zou dit nu " * 1_400,
    "je " * 6_700,
    "dat is gewoon " * 1_400,
    "hoe kon je dat " * 1_300,
    "'a" * 10_000,
    '"a' * 10_000,
    "Jan de " * 2_900,
    "Jan Jan " * 2_500,
    "juf van de " * 1_800,
    "de moeder van " * 1_400,
    "A." * 10_000,
    "J. de " * 3_300,
    "In De " * 3_300,
    "a Aschool" * 2_200,
    "Stichting De " * 1_500,
    "Kerkstraat " * 1_800,
    "A" + "-a" * 10_000,
    "school met een " * 1_300,
    "geboren " * 2_500,
    "1 mei " * 3_300,
    "> " * 10_000,
    ">\n" * 10_000,
    "\n" * 20_000,
    " " * 20_000,
    "\0" * 20_000,
]


def codes(text: str, *, is_reply: bool = True, links_allowed: bool = False) -> set[str]:
    found = check(text, is_reply=is_reply, links_allowed=links_allowed)
    found += check_tone(text) if is_reply else []
    return {finding.code for finding in found}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(row["code"], sentence) for row in PATTERNS for sentence in row["found"]],
)
def test_sentence_beside_a_pattern_is_found(code: str, sentence: str) -> None:
    assert code in codes(sentence)


@pytest.mark.parametrize(
    "sentence", [sentence for row in PATTERNS for sentence in row["passed"]]
)
def test_harmless_sentence_beside_a_pattern_passes(sentence: str) -> None:
    assert codes(sentence) == set()


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_gives_no_findings(text: str) -> None:
    assert check(text, is_reply=True) == []


def test_finding_points_at_its_fragment() -> None:
    text = "Wil je overleggen? Bel 06-12345678, liefst 's avonds."

    (finding,) = check(text, is_reply=False)

    assert finding.fragment == "06-12345678"
    assert text[finding.start : finding.end] == finding.fragment


def test_findings_come_in_the_order_of_the_text() -> None:
    found = check("Ik ben 05KO, mail a@voorbeeld.nl of 06-12345678.", is_reply=False)

    assert [finding.code for finding in found] == ["I4", "I1", "I2"]


def test_printed_finding_shows_no_text_of_a_member() -> None:
    (finding,) = check("Mail jan@voorbeeldschool.nl", is_reply=False)

    assert "jan" not in repr(finding)


def test_guesses_and_threats_are_not_looked_for_in_a_dilemma() -> None:
    text = "Ze zei: ik weet wie je bent, en ik heb een screenshot."

    assert codes(text, is_reply=False) == set()
    assert codes(text, is_reply=True) == {"W1", "W2"}


def test_threat_in_a_quoted_line_is_skipped() -> None:
    assert codes("> Ik weet wie je bent.\n\nWat deed dit met je?") == set()


def test_threat_beside_a_quoted_line_is_found_at_its_place() -> None:
    text = "> Ik ga dit melden.\n\nIk weet wie je bent."

    (finding,) = check(text, is_reply=True)

    assert finding.fragment == "Ik weet wie je"
    assert text[finding.start : finding.end] == finding.fragment


def test_quotation_does_not_join_what_stands_around_it() -> None:
    assert codes("Ik weet\n> niet\nwie je bent.") == set()


def test_detail_in_a_quoted_line_is_found() -> None:
    assert codes("> Bel 06-12345678") == {"I2"}


def test_exception_saves_only_what_it_touches() -> None:
    text = "Ik weet wie je kunt bellen. Maar ik weet wie je bent."

    (finding,) = check(text, is_reply=True)

    assert finding.start > text.index("Maar")


def test_bank_account_is_not_also_a_phone_number() -> None:
    assert codes("NL91 ABNA 0417 1643 00") == {"I20"}


def test_mail_address_inside_a_mild_link_still_counts() -> None:
    found = check(
        "https://voorbeeld.nl/?van=jan@school.nl", is_reply=True, links_allowed=True
    )

    assert [(finding.code, finding.weight) for finding in found] == [
        ("I5", "mild"),
        ("I1", "strong"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Zie https://www.voorbeeld.nl/regels.",
        "Zie (https://voorbeeld.nl).",
        "Zie <https://voorbeeld.nl/a?b=c#d>.",
    ],
)
def test_plain_link_is_mild_where_links_are_allowed(text: str) -> None:
    (allowed,) = check(text, is_reply=True, links_allowed=True)
    (elsewhere,) = check(text, is_reply=True)

    assert (allowed.code, allowed.weight) == ("I5", "mild")
    assert (elsewhere.code, elsewhere.weight) == ("I5", "strong")
    assert not needs_moderator([allowed])
    assert needs_moderator([elsewhere])


@pytest.mark.parametrize(
    "text",
    [
        "http://voorbeeld.nl",
        "www.voorbeeld.nl",
        "@voorbeeld",
        "https://voorbeeld.nl@elders.nl",
        "https://voorbeeld.nl:8000/",
        "https://192.0.2.1/",
        "https://xn--vrbeeld-u0a.nl/",
        "https://v\u043eorbeeld.nl/",
        "[de inspectie](https://voorbeeld.nl)",
        "[de inspectie]( <https://voorbeeld.nl>)",
        "[https://voorbeeld.nl/](https://elders.nl)",
        "[x]: https://voorbeeld.nl",
    ],
)
def test_link_that_is_not_plain_stays_strong(text: str) -> None:
    found = check(text, is_reply=True, links_allowed=True)

    assert found
    assert needs_moderator(found)


def test_link_ends_before_the_full_stop() -> None:
    (finding,) = check("Zie https://voorbeeld.nl/a.", is_reply=False)

    assert finding.fragment == "https://voorbeeld.nl/a"


def test_guess_needs_a_moderator_and_no_finding_does_not() -> None:
    assert needs_moderator(check("Ik weet wie je bent.", is_reply=True))
    assert not needs_moderator([])


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:14]))
def test_hostile_text_does_not_run_away(text: str) -> None:
    started = time.process_time()

    check(text[:20_000], is_reply=True, links_allowed=True)
    check_tone(text[:20_000])

    # Ordinary texts take milliseconds; a runaway expression takes minutes.
    assert time.process_time() - started < 1
