"""Looks in a text for recognisable details, guesses, threats and judging words.

The expressions are data (patterns.toml); what a finding means is up to the caller.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from stdnum import iban
from stdnum.nl import brin, bsn, onderwijsnummer, postcode

from forum.text_checks import names
from forum.text_checks.normalising import language_of
from forum.text_checks.words import WORDS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Strong and queue ask for a moderator; mild, tone and own are told to the writer only.
Weight = Literal["strong", "queue", "mild", "tone", "own"]
Span = tuple[int, int]

_WEIGHTS: dict[str, Weight] = {
    "strong": "strong",
    "queue": "queue",
    "mild": "mild",
    "tone": "tone",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw: text[start:end] is the fragment, hint says why it matters.

    The hint and the alternative are lazy translations; the alternative is empty where
    no other wording can be offered. The printed form shows no text of a member, so
    that a log or an error report cannot.
    """

    code: str
    weight: Weight
    start: int
    end: int
    fragment: str = field(repr=False)
    hint: StrOrPromise = field(repr=False, compare=False)
    alternative: StrOrPromise = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Pattern:
    code: str
    weight: Weight
    is_for_replies_only: bool
    expression: re.Pattern[str]
    allowed: tuple[re.Pattern[str], ...]
    exact: Callable[[str], bool]


def check(text: str, *, is_reply: bool, links_allowed: bool = False) -> list[Finding]:
    """Return what the patterns find in the text, in the order of the text.

    Recognisable details (codes I) are looked for in every text; guesses at persons and
    threats (codes W) in replies only, outside quoted lines. With links_allowed, as in
    a reply of the kind pointer, an https address that is written out in full is mild;
    any other link stays strong. Nothing is stored. The time grows with the length of
    the text, whatever the text is.
    """
    unquoted = _without_quotes(text) if is_reply else ""
    findings: list[Finding] = []
    for pattern in _PATTERNS:
        if pattern.is_for_replies_only and not is_reply:
            continue
        searched = unquoted if pattern.is_for_replies_only else text
        for finding in _found(pattern, searched, text):
            if pattern.code == "I5" and links_allowed and _is_plain(text, finding):
                finding = replace(finding, weight="mild")
            findings.append(finding)
    return list(_without_contained(findings))


def check_tone(text: str) -> list[Finding]:
    """Return the judging words in a reply, in the order of the text.

    For the eyes of the writer alone: no moderator learns of them. Quoted lines and
    what stands between quotation marks are skipped, and so are English texts: the
    patterns are Dutch. The list finds about one judging sentence in five; it is meant
    to bother a kind writer seldom, not to find more.
    """
    if language_of(text) == "en":
        return []
    searched = _lowered(_without_quotes(text.translate(_STRAIGHT), _SPOKEN))
    exceptions = [_spans(each, searched) for each in _TONE_EXCEPTIONS]
    findings = [
        finding
        for pattern in _TONE
        for finding in _found(pattern, searched, text)
        if not any(_overlaps(finding.start, finding.end, each) for each in exceptions)
    ]
    return sorted(findings, key=lambda finding: finding.start)


def needs_moderator(findings: Iterable[Finding]) -> bool:
    """Tell whether a moderator should read the text first: any strong or queue."""
    return any(finding.weight in ("strong", "queue") for finding in findings)


def _found(pattern: _Pattern, searched: str, text: str) -> Iterator[Finding]:
    hint, alternative = WORDS[pattern.code]
    for start, end in _hits(pattern, searched):
        yield Finding(
            code=pattern.code,
            weight=pattern.weight,
            start=start,
            end=end,
            fragment=text[start:end],
            hint=hint,
            alternative=alternative,
        )


def _hits(pattern: _Pattern, text: str) -> Iterator[Span]:
    hits = _spans(pattern.expression, text)
    if not hits:
        return
    exceptions = [_spans(allowed, text) for allowed in pattern.allowed]
    for start, end in hits:
        if pattern.code == "I5":
            end = start + len(text[start:end].rstrip(".,;:!?)>]\"'*_~"))
        if any(_overlaps(start, end, spans) for spans in exceptions):
            continue
        if pattern.exact(text[start:end]):
            yield start, end


def _spans(expression: re.Pattern[str], text: str) -> list[Span]:
    """Where it hits; a group inside a look-ahead lets hits share words."""
    return [match.span(expression.groups) for match in expression.finditer(text)]


def _overlaps(start: int, end: int, spans: list[Span]) -> bool:
    """Tell whether one of the spans, which are in order and apart, shares a place."""
    following = bisect_right(spans, start, key=lambda span: span[1])
    return following < len(spans) and spans[following][0] < end


def _without_contained(findings: list[Finding]) -> Iterator[Finding]:
    """Leave out a detail inside a strong one, as a phone number in a bank account, and
    inside one of its own kind, as a place in "in" with that place.
    """
    reached = -1
    reached_by_code: dict[str, int] = {}
    for finding in sorted(findings, key=lambda each: (each.start, -each.end)):
        if finding.code.startswith("I"):
            if finding.end <= max(reached, reached_by_code.get(finding.code, -1)):
                continue
            reached_by_code[finding.code] = finding.end
            if finding.weight == "strong":
                reached = finding.end
        yield finding


_STRAIGHT = str.maketrans("\u201c\u201d\u201e\u2018\u2019", '"""\'\'')
_QUOTED = re.compile(r"(?m)^[ \t]{0,3}>[^\n]*")
# An apostrophe inside or before a word ("foto's", "'s avonds") opens nothing.
_SPOKEN = re.compile(r"\"[^\"\n]{1,300}\"|(?<!\w)'(?![stnrm]\b)[^'\n]{1,300}'(?!\w)")


def _lowered(text: str) -> str:
    """In lower case at equal length: searched faster than without regard to case."""
    return text.replace("\u0130", "I").lower()


def _without_quotes(text: str, *more: re.Pattern[str]) -> str:
    """Blank what is quoted, at equal length so that positions stay true.

    The filler is no white space, so that no expression reaches across a quotation.
    """
    for quotation in (_QUOTED, *more):
        text = quotation.sub(lambda match: "\0" * len(match[0]), text)
    return text


# No user name before the host, no port, no brackets that hide a second address, and no
# letters that merely look like those of a known host.
_PLAIN_LINK = re.compile(
    r"https://(?!\S{0,250}xn--)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.[a-z]{2,24}"
    r"(?:[/?#][^\s()\[\]<>|\\]*)?",
    re.IGNORECASE,
)


def _is_plain(text: str, link: Finding) -> bool:
    """Tell whether a link shows its whole address, not a text in place of it."""
    before = text[max(0, link.start - 6) : link.start].rstrip(" \t\n<")
    if before.endswith(("](", "]:")):
        return False
    return _PLAIN_LINK.fullmatch(text, link.start, link.end) is not None


def _is_private_number(fragment: str) -> bool:
    digits = re.sub(r"\D", "", fragment)
    digits = re.sub(r"^(?:0031|31)0?", "0", digits)
    return digits not in _ALLOWED_NUMBERS


def _is_personal_number(fragment: str) -> bool:
    return bsn.is_valid(fragment) or onderwijsnummer.is_valid(fragment)


_EXACT: dict[str, Callable[[str], bool]] = {
    "": lambda fragment: True,
    "phone": _is_private_number,
    "postcode": postcode.is_valid,
    "brin": brin.is_valid,
    "personal_number": _is_personal_number,
    "iban": iban.is_valid,
    "first_name": names.is_first_name,
    "full_name": names.is_full_name,
    "lower_name": names.is_lower_name,
    "name": names.is_name,
    "place": names.is_place,
    "place_after": names.is_place_after_preposition,
    "school": names.is_school,
}


_DATA = tomllib.loads(
    Path(__file__).with_name("patterns.toml").read_text(encoding="utf-8")
)
_ALLOWED_NUMBERS = frozenset(_DATA["allowed_numbers"])


def _load() -> tuple[_Pattern, ...]:
    """Read the data; a wrong code, weight or expression stops the process at start."""
    patterns = []
    for row in _DATA["pattern"]:
        if row["code"] not in WORDS or row["texts"] not in ("all", "replies"):
            raise ValueError(f"patterns.toml: unknown code or texts in {row['code']}")
        flags = re.IGNORECASE if row.get("ignore_case", False) else re.NOFLAG
        patterns.append(
            _Pattern(
                code=row["code"],
                weight=_WEIGHTS[row["weight"]],
                is_for_replies_only=row["texts"] == "replies",
                expression=re.compile(row["expression"], flags),
                allowed=tuple(
                    re.compile(allowed, re.IGNORECASE)
                    for allowed in row.get("allowed", ())
                ),
                exact=_EXACT[row.get("exact", "")],
            )
        )
    return tuple(patterns)


_ALL = _load()
_PATTERNS = tuple(pattern for pattern in _ALL if pattern.weight != "tone")
_TONE = tuple(pattern for pattern in _ALL if pattern.weight == "tone")
_TONE_EXCEPTIONS = tuple(re.compile(each) for each in _DATA["tone_exceptions"])
