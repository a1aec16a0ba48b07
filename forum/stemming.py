"""Words of a text and their stems: the same for what is indexed and what is asked.

The stems are ours and not a database's, so that both databases find the same.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

# A letter or digit, then more of them, accents that stand apart, and apostrophes
# within: "foto's" is one word.
_WORD = re.compile(r"[^\W_]+(?:(?:[\u0300-\u036f]|['\u2019](?=[^\W_]))[^\W_]*)*")
_GENITIVE = re.compile(r"['\u2019]s$", re.IGNORECASE)
# Longer words are cut: nobody asks for the rest of them.
LONGEST = 40

# Too common to tell texts apart. Folded, as they are compared.
_TOO_COMMON = """
    aan al als ben bij daar dan dat de der deze die dit doch door dus een eens en er ge
    had heb hebben heeft hem het hier hij hoe hun iets ik in is ja je jij jou jouw jullie
    kan kon maar me mee meer men met mij mijn na naar nog nu of om omdat ons onze ook op
    over te tegen toch toen tot u uit uw van veel voor want waren was wat we wel werd wie
    wij wil word worden wordt zal ze zelf zich zij zijn zo zonder zou
"""
_STOP_WORDS = frozenset(_TOO_COMMON.split())
# What the algorithm keeps apart although it is one word for our readers.
_SAME = {
    "ideeen": "idee",
    "kinderen": "kind",
    "toetsen": "toets",
    "zieke": "ziek",
    "zieken": "ziek",
}

_stemmer = snowballstemmer.stemmer("dutch")
# It keeps the word at hand in itself: one at a time.
_lock = threading.Lock()


class Word(NamedTuple):
    """A word in a text: where it stands, how it is compared, and its stem.

    The stem is empty when the word is too common to search for.
    """

    start: int
    end: int
    folded: str
    stem: str


def words(text: str) -> Iterator[Word]:
    """The words of ``text``, in order."""
    for found in _WORD.finditer(text):
        folded, stem = _folded_and_stem(found[0])
        yield Word(found.start(), found.end(), folded, stem)


def stems(text: str) -> Iterator[str]:
    """The stems of the words of ``text`` that are not too common, in order."""
    for word in _WORD.findall(text):
        _folded, stem = _folded_and_stem(word)
        if stem:
            yield stem


@lru_cache(maxsize=30_000)
def _folded_and_stem(word: str) -> tuple[str, str]:
    word = _GENITIVE.sub("", word)
    spread = unicodedata.normalize("NFKD", word).casefold()
    folded = "".join(char for char in spread if char.isalnum())[:LONGEST]
    if folded in _STOP_WORDS or (len(folded) < 2 and not folded.isdigit()):
        return folded, ""
    with _lock:
        return folded, _stemmer.stemWord(_SAME.get(folded, folded)) or folded
