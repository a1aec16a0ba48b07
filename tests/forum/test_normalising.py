from __future__ import annotations

import random
import time
import unicodedata

import pytest

from forum.rendering import render
from forum.text_checks.normalising import (
    language_of,
    mixed_script_words,
    normalise_anonymous,
    normalise_plain,
)

INVISIBLE = [
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F),
    *(0x202A, 0x202E, 0x2060, 0x2064, 0x2066, 0x2069, 0x2800, 0x3164, 0xFE00, 0xFE0E),
    *(0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9, 0x1D173, 0xE0001, 0xE0061, 0xE0100, 0xF0000),
]
SPACES = [0x00A0, 0x2000, 0x2002, 0x2003, 0x2009, 0x200A, 0x202F, 0x205F, 0x3000]


def test_plain_text_gets_one_kind_of_line_end() -> None:
    assert normalise_plain("a\r\nb\rc\u2028d") == "a\nb\nc\nd"


def test_plain_text_loses_control_characters_but_keeps_tabs() -> None:
    assert normalise_plain("a\x00b\x1b[31m\tc\x7f\x9b\ud800") == "ab[31m\tc"


def test_plain_text_loses_trailing_spaces_and_a_third_empty_line() -> None:
    assert normalise_plain("\n\na  \n\t\n\n\n\nb \n ") == "a\n\n\nb"


def test_plain_text_keeps_what_a_named_author_typed() -> None:
    text = "\u201cZo\u201d \u2014 zei ze\u2026  twee spaties en \u00a0 een vaste"

    assert normalise_plain(text) == text


@pytest.mark.parametrize("code_point", INVISIBLE, ids=hex)
def test_an_29_invisible_character_does_not_survive(code_point: int) -> None:
    mark = chr(code_point)

    assert normalise_anonymous(f"wa{mark}ter{mark} \U0001f600{mark}") == (
        "water \U0001f600"
    )


def test_every_format_character_is_removed() -> None:
    for code_point in range(0x110000):
        character = chr(code_point)
        if unicodedata.category(character) == "Cf":
            assert normalise_anonymous(f"a{character}b") == "ab", hex(code_point)


@pytest.mark.parametrize("code_point", SPACES, ids=hex)
def test_every_space_becomes_an_ordinary_one(code_point: int) -> None:
    assert normalise_anonymous(f"een{chr(code_point)}woord") == "een woord"


def test_spaces_between_words_carry_no_message() -> None:
    assert normalise_anonymous("een  twee \t drie\n\n\n\nvier") == (
        "een twee drie\n\nvier"
    )


def test_indentation_carries_no_message_outside_lists() -> None:
    assert normalise_anonymous("  een\n   twee") == "een\ntwee"


@pytest.mark.parametrize("inner", ["  - b", "   - b", "\t- b"])
def test_list_in_a_list_stays_one(inner: str) -> None:
    html = render(normalise_anonymous(f"- a\n{inner}"))

    assert html.count("<ul>") == 2


def test_quotation_marks_dashes_and_ellipsis_become_one_kind() -> None:
    text = (
        "\u201eja\u201d \u201cja\u201d \u00abja\u00bb \u2018n\u2019 "
        "\u2013 \u2014 \u2212 n\u2011n\u2026"
    )

    assert normalise_anonymous(text) == '"ja" "ja" "ja" \'n\' - - - n-n...'


def test_letters_are_composed_and_ligatures_taken_apart() -> None:
    assert normalise_anonymous("cafe\u0301 \ufb01jn, \u0133s") == "caf\u00e9 fijn, ijs"


def test_letter_split_by_an_invisible_character_is_composed() -> None:
    assert normalise_anonymous("e\u200b\u0301") == "\u00e9"


@pytest.mark.parametrize(
    "emoji",
    [
        "\U0001f469\u200d\U0001f3eb",  # teacher
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",  # with a skin tone
        "\U0001f3f3\ufe0f\u200d\U0001f308",  # rainbow flag
        "\u2764\ufe0f",  # red heart
        "1\ufe0f\u20e3",  # keycap
    ],
)
def test_emoji_stays_whole(emoji: str) -> None:
    assert normalise_anonymous(f"Dank {emoji} allen") == f"Dank {emoji} allen"


def test_joiner_between_letters_or_at_the_edge_of_an_emoji_goes() -> None:
    heart = "\u2764\ufe0f"

    assert normalise_anonymous("a\u200db \U0001f469\u200d x") == "ab \U0001f469 x"
    assert normalise_anonymous(f"{heart}\ufe0f\u200d\u200d{heart}") == heart * 2
    assert normalise_anonymous(f"a\ufe0f\u200d{heart}") == f"a{heart}"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://a.nl/?utm_source=x&utm_medium=y", "https://a.nl/"),
        ("https://a.nl/?id=1&utm_source=x", "https://a.nl/?id=1"),
        ("https://a.nl/?fbclid=x&id=1#deel", "https://a.nl/?id=1#deel"),
        ("https://a.nl/?gclid=x&id=1&mc_eid=y&q=2", "https://a.nl/?id=1&q=2"),
        ("https://a.nl/?UTM_Source=x#deel", "https://a.nl/#deel"),
        ("(https://a.nl/?utm_id=x).", "(https://a.nl/)."),
        ("[b](https://a.nl/?utm_id=x) c", "[b](https://a.nl/) c"),
        ("https://a.nl/?utm_id=x. Ja", "https://a.nl/. Ja"),
        ("https://youtu.be/abc?si=Wie_deelde", "https://youtu.be/abc"),
        ("https://a.nl/?site=b&q=utm_source", "https://a.nl/?site=b&q=utm_source"),
        ("Geen link: ?utm_source=x", "Geen link: ?utm_source=x"),
        (
            "https://eur03.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.nl"
            "%2Fb%3Futm_id%3D1&data=05%7Cjan%40school.nl&reserved=0",
            "https://a.nl/b",
        ),
    ],
)
def test_an_29_known_tracking_leaves_links(link: str, expected: str) -> None:
    assert normalise_anonymous(link) == expected


def test_normalising_twice_changes_nothing_more() -> None:
    source = random.Random(11)  # noqa: S311 - a repeatable mixture
    alphabet = (
        "ab1 \t\n\n-*>.)&?#=\u2764\ufe0f\u200d\U0001f469\u20e3e\u0301\u00b4\u2026"
        "\u200b\u00a0\u2013\r"
    )
    pieces = [*alphabet, "https://a.nl/", "utm_id=x", "  - ", "1. "]

    for _ in range(1_500):
        text = "".join(source.choices(pieces, k=25))
        plain, anonymous = normalise_plain(text), normalise_anonymous(text)
        assert normalise_plain(plain) == plain
        assert normalise_anonymous(anonymous) == anonymous


def test_entity_cannot_bring_an_invisible_character_back() -> None:
    html = render(normalise_anonymous("wa&#8203;ter &amp;#8203; &shy; &nbsp;"))

    assert "\u200b" not in html
    assert "\u00ad" not in html
    assert "\u00a0" not in html


def test_an_29_word_with_letters_of_two_scripts_is_shown_once() -> None:
    text = "De sch\u043eol, de sch\u043eol en \u03b1lfa naast \u0430\u0431 en school"

    assert mixed_script_words(text) == ["sch\u043eol", "\u03b1lfa"]


@pytest.mark.parametrize(
    "text",
    [
        "Financi\u00ebn, na\u00efef, groep3b, 2e, m\u00b2, 5\u00b5m en \u00e9\u00e9n",
        "\u0448\u043a\u043e\u043b\u0430 en \u03c3\u03c7\u03bf\u03bb\u03b5\u03af\u03bf",
        "\u98df\u3079\u308b",
        "snake_case en caf\u0065\u0301",
    ],
)
def test_word_in_one_script_is_not_shown(text: str) -> None:
    assert mixed_script_words(text) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ik twijfel over wat ik het team vertel.", "nl"),
        ("I do not know what to tell the team.", "en"),
        ("We had an off day, but they are good people and I trust them.", "en"),
        ("De directeur zei: we do it for the kids. Maar ik zie dat niet zo.", "nl"),
        ("", "nl"),
        ("Ok!", "nl"),
        ("Heftig.", "nl"),
    ],
)
def test_language_comes_from_function_words(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "piece",
    [
        *("a", " ", "\n", "\u200d", "\ufe0f", "e\u0301", "\t", "1. "),
        *(
            "https://",
            "https://a?utm_a=b&",
            "?utm_a&",
            "&amp;",
            "\u0301",
            "[",
            "\u043ea",
        ),
    ],
)
def test_hostile_text_does_not_run_away(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    started = time.process_time()

    mixed_script_words(normalise_anonymous(text))
    language_of("https://a.nl/?" + text)
    normalise_anonymous("https://a.nl/?" + text)

    # Ordinary texts take milliseconds; a runaway expression takes minutes.
    assert time.process_time() - started < 1
