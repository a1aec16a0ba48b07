"""Tells names of persons, places and schools from other words with a capital.

The lists are data (names.toml), of our own making: common names of all backgrounds,
and words that are also names, which count only beside a role or a surname.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_DATA = tomllib.loads(
    Path(__file__).with_name("names.toml").read_text(encoding="utf-8")
)


def _words(key: str) -> frozenset[str]:
    return frozenset(_DATA[key].casefold().split())


_FIRST_NAMES = _words("first_names")
_NAMES_AND_WORDS = _words("names_and_words")
_NO_NAMES = _words("no_names")
_PLACES = frozenset(
    " ".join(place.split()) for place in _DATA["places"].casefold().split(",")
)
_PLACES_AND_WORDS = _words("places_and_words")
_ENDS_OF_PLACES = tuple(sorted(_words("ends_of_places")))
_KINDS_OF_SCHOOL = _words("kinds_of_school")
_KINDS = _words("kinds")
_PARTICLES = frozenset(
    [
        "van",
        "de",
        "den",
        "der",
        "het",
        "'t",
        "te",
        "ten",
        "ter",
        "el",
        "al",
        "ben",
        "la",
        "le",
    ]
)


def is_first_name(fragment: str) -> bool:
    """Whether it is a first name and no other word, "Noa-Lynn" included."""
    first, *_ = re.split(r"[ -]", fragment.casefold(), maxsplit=1)
    return first in _FIRST_NAMES


def is_lower_name(fragment: str) -> bool:
    """Whether the last word, without a capital, is a first name and no other word."""
    return fragment.casefold().split()[-1] in _FIRST_NAMES


def is_full_name(fragment: str) -> bool:
    """Whether a first name stands before what can be a surname."""
    first, *rest = fragment.casefold().split()
    first = first.split("-")[0]
    if first in _NAMES_AND_WORDS:
        return rest[-1] not in _NO_NAMES | _FIRST_NAMES
    return first in _FIRST_NAMES and rest[-1] not in _NO_NAMES


def is_name(fragment: str) -> bool:
    """Whether the last word can be a name: no word that has a capital anyway."""
    last = fragment.casefold().split()[-1]
    return last.split("-")[0] not in _NO_NAMES and last not in _PARTICLES


def is_place(fragment: str) -> bool:
    """Whether it is a place in the Netherlands and no other word."""
    return fragment.casefold() in _PLACES


def is_place_after_preposition(fragment: str) -> bool:
    """Whether what follows "in" or "bij" can be a place, by the list or its ending."""
    place = fragment.casefold().split(maxsplit=1)[1]
    if place in _PLACES or place in _PLACES_AND_WORDS:
        return True
    return place not in _NO_NAMES and place.endswith(_ENDS_OF_PLACES)


def is_school(fragment: str) -> bool:
    """Whether a word that ends in "school" is a name and not a kind of school."""
    return fragment.casefold().removesuffix("school") not in _KINDS_OF_SCHOOL


def is_kind(word: str) -> bool:
    """Whether it says what something is and not which: "obs", "stichting"."""
    return word.casefold() in _KINDS


def is_ordinary(word: str) -> bool:
    """Whether too many schools, boards or people share the word for it to tell."""
    word = word.casefold()
    return word in _KINDS or word in _PARTICLES or word in _NO_NAMES
