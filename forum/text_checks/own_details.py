"""Looks in a text for the writer's own school, place, board and name.

Apart from the other checks on purpose: what it finds depends on who writes, so only
`forum.hinting` may call it, which tells the writer and nobody else (an import contract).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from forum.text_checks import names
from forum.text_checks.findings import Finding
from forum.text_checks.words import WORDS

_WORD = re.compile(r"\w[\w'-]{0,60}")


@dataclass(frozen=True, slots=True)
class OwnDetails:
    """What a member told about themselves; each may be empty."""

    school: str = field(default="", repr=False)
    board: str = field(default="", repr=False)
    name: str = field(default="", repr=False)


def check_own(text: str, own: OwnDetails) -> list[Finding]:
    """Return where the text names what is the writer's own, in the order of the text.

    A telling word counts with a capital, as "Wilgenhoek" of "obs De Wilgenhoek"; the
    words of a name of two or more also count together without one. The fragments are
    of the text, never of what the member told.
    """
    codes = _codes(own)
    phrases = [
        (code, told)
        for code, words in (("O1", own.school), ("O3", own.board))
        if len(told := _phrase(words)) > 1
    ]
    found = [(match[0], *match.span()) for match in _WORD.finditer(text)]
    words = [word.casefold() for word, _start, _end in found]
    findings = []
    for place, (word, start, end) in enumerate(found):
        code = codes.get(words[place]) if word[0].isupper() else None
        for phrase_code, phrase in phrases:
            if code is None and words[place : place + len(phrase)] == phrase:
                code, end = phrase_code, found[place + len(phrase) - 1][2]
        if code:
            findings.append(_finding(code, text, start, end))
    return findings


def _finding(code: str, text: str, start: int, end: int) -> Finding:
    hint, alternative = WORDS[code]
    return Finding(code, "own", start, end, text[start:end], hint, alternative)


def _codes(own: OwnDetails) -> dict[str, str]:
    """Per telling word the code of its finding; a place is told apart by the list."""
    codes = dict.fromkeys(_telling(own.name), "O4")
    for code, told in (("O3", own.board), ("O1", own.school)):
        for word in _telling(told):
            codes[word] = "O2" if names.is_place(word) else code
    return codes


def _telling(told: str) -> Iterator[str]:
    """The words with a capital that others do not share; without capitals, any word."""
    words = _WORD.findall(told)
    capitals = [word for word in words if word[0].isupper()]
    for word in capitals or words:
        if len(word) > 2 and not names.is_ordinary(word):
            yield word.casefold()


def _phrase(told: str) -> list[str]:
    """The words of a name in order, from the first one that tells: "de wilgenhoek"."""
    words = [word.casefold() for word in _WORD.findall(told.split(",")[0])]
    while words and names.is_kind(words[0]):
        words.pop(0)
    return words
