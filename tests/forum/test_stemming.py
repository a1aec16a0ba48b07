from __future__ import annotations

import time

import pytest

from forum.stemming import LONGEST, words


def stems(text: str) -> list[str]:
    return [word.stem for word in words(text) if word.stem]


@pytest.mark.parametrize(
    "forms",
    [
        "school scholen School SCHOLEN",
        "klas klassen",
        "plan plannen",
        "besluit besluiten",
        "toets toetsen",
        "kind kinderen kind's",
        "idee ideeën ideee\u0308n ideeen",
        "zieke zieken ziek",
        "foto foto's foto\u2019s",
        "café cafe cafe\u0301",
    ],
)
def test_forms_of_one_word_share_a_stem(forms: str) -> None:
    assert len(set(stems(forms))) == 1


def test_words_are_parted_by_everything_but_letters_digits_and_apostrophes() -> None:
    assert stems("Team-overleg: groep 3/4, mijn_plan <b>x</b> it's") == [
        *("team", "overleg", "groep", "3", "4", "plan", "it"),
    ]


def test_common_words_have_no_stem() -> None:
    assert stems("Ik ben het er met jullie over eens") == []


def test_word_tells_where_it_stands() -> None:
    text = "Over de e\u0301tude: ziek."
    found = [text[word.start : word.end] for word in words(text)]

    assert found == ["Over", "de", "e\u0301tude", "ziek"]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000,
        "e\u0301" * 10_000,
        "x'" * 10_000,
        "\u0301" * 20_000,
        "½ﬁ\U0001d400" * 5_000,
    ],
)
def test_hostile_text_takes_little_time_and_gives_plain_stems(text: str) -> None:
    began = time.process_time()

    found = stems(text)

    assert time.process_time() - began < 1
    assert all(stem.isalnum() and len(stem) <= LONGEST for stem in found)
