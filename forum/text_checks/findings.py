"""Looks in a text for recognisable details, guesses at persons and threats.

The expressions are data (patterns.toml); what a finding means is up to the caller.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext_lazy as _
from stdnum import iban
from stdnum.nl import brin, bsn, onderwijsnummer, postcode

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Weight = Literal["strong", "mild", "queue"]
Span = tuple[int, int]

_WEIGHTS: dict[str, Weight] = {"strong": "strong", "mild": "mild", "queue": "queue"}

# Per code: the hint, and the other wording that is offered ("" where there is none).
_WORDS: dict[str, tuple[StrOrPromise, StrOrPromise]] = {
    "I1": (_("There is an e-mail address in your text. Take it out."), ""),
    "I2": (_("There is a phone number in your text. Help lines are fine."), ""),
    "I3": (_("There is a postcode in your text."), ""),
    "I4": (_("This looks like a BRIN number. It points to one school."), ""),
    "I5": (
        _(
            "There is a link or an account name in your text. "
            "Could somebody find your school with it?"
        ),
        "",
    ),
    "I19": (
        _("This looks like somebody's personal number (BSN). Take it out."),
        "",
    ),
    "I20": (_("There is a bank account number in your text. Take it out."), ""),
    "W1": (
        _("This can read as guessing who somebody is."),
        _("Who somebody is stays out of this room, even if you think you know."),
    ),
    "W2": (
        _("This can read as a threat, or as passing on what was said here."),
        _("Are you worried? Use the button to flag it to the moderators."),
    ),
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
        hint, alternative = _WORDS[pattern.code]
        for start, end in _hits(pattern, searched):
            weight = pattern.weight
            if pattern.code == "I5" and links_allowed and _is_plain(text, start, end):
                weight = "mild"
            findings.append(
                Finding(
                    code=pattern.code,
                    weight=weight,
                    start=start,
                    end=end,
                    fragment=text[start:end],
                    hint=hint,
                    alternative=alternative,
                )
            )
    return list(_without_contained(findings))


def needs_moderator(findings: Iterable[Finding]) -> bool:
    """Tell whether a moderator should read the text first: any strong or queue."""
    return any(finding.weight in ("strong", "queue") for finding in findings)


def _hits(pattern: _Pattern, text: str) -> Iterator[Span]:
    hits = [match.span() for match in pattern.expression.finditer(text)]
    if not hits:
        return
    exceptions = [
        [match.span() for match in allowed.finditer(text)]
        for allowed in pattern.allowed
    ]
    for start, end in hits:
        if pattern.code == "I5":
            end = start + len(text[start:end].rstrip(".,;:!?)>]\"'*_~"))
        if any(_overlaps(start, end, spans) for spans in exceptions):
            continue
        if pattern.exact(text[start:end]):
            yield start, end


def _overlaps(start: int, end: int, spans: list[Span]) -> bool:
    """Tell whether one of the spans, which are in order and apart, shares a place."""
    following = bisect_right(spans, start, key=lambda span: span[1])
    return following < len(spans) and spans[following][0] < end


def _without_contained(findings: list[Finding]) -> Iterator[Finding]:
    """Leave out a detail inside a strong one: a bank account can look like a phone."""
    reached = -1
    for finding in sorted(findings, key=lambda each: (each.start, -each.end)):
        if finding.code.startswith("I"):
            if finding.end <= reached:
                continue
            if finding.weight == "strong":
                reached = finding.end
        yield finding


def _without_quotes(text: str) -> str:
    """Blank the lines that quote, at equal length so that positions stay true.

    The filler is no white space, so that no expression reaches across a quotation.
    """
    return re.sub(r"(?m)^[ \t]{0,3}>[^\n]*", lambda match: "\0" * len(match[0]), text)


# No user name before the host, no port, no brackets that hide a second address, and no
# letters that merely look like those of a known host.
_PLAIN_LINK = re.compile(
    r"https://(?!\S{0,250}xn--)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.[a-z]{2,24}"
    r"(?:[/?#][^\s()\[\]<>|\\]*)?",
    re.IGNORECASE,
)


def _is_plain(text: str, start: int, end: int) -> bool:
    """Tell whether a link shows its whole address, not a text in place of it."""
    before = text[max(0, start - 6) : start].rstrip(" \t\n<")
    if before.endswith(("](", "]:")):
        return False
    return _PLAIN_LINK.fullmatch(text, start, end) is not None


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
}


def _load() -> tuple[frozenset[str], tuple[_Pattern, ...]]:
    """Read the data; a wrong code, weight or expression stops the process at start."""
    data = tomllib.loads(
        Path(__file__).with_name("patterns.toml").read_text(encoding="utf-8")
    )
    patterns = []
    for row in data["pattern"]:
        if row["code"] not in _WORDS or row["texts"] not in ("all", "replies"):
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
    return frozenset(data["allowed_numbers"]), tuple(patterns)


_ALLOWED_NUMBERS, _PATTERNS = _load()
