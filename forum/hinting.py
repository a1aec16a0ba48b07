"""What a writer is told before a text is sent: offered twice at most, never blocking.

The only place that looks for the writer's own school, place, board and name. What it
finds goes to the answer of that one request and nowhere else: nothing is stored, no
text is held for it, and no moderator learns of it. Only views may import it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from accounts.models import Application, Member
from accounts.permissions import require
from accounts.shelf import change_shelf, read_shelf
from forum.models import ReplyKind
from forum.models.posts import OF_STARTER
from forum.permissions import may_write
from forum.text_checks.findings import Finding, check, check_tone, needs_moderator
from forum.text_checks.normalising import (
    mixed_script_words,
    normalise_anonymous,
    normalise_plain,
)
from forum.text_checks.own_details import OwnDetails, check_own
from forum.text_checks.words import WORDS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_HINTS = 2
MOST_FRAGMENTS = 3
AROUND = 40
# What comes first. Mild hints wait until there is nothing else.
_ORDER = ("own", "queue", "strong", "tone", "mild")


@dataclass(frozen=True)
class Excerpt:
    """A fragment of the text with some words around it."""

    before: str
    fragment: str
    after: str


@dataclass(frozen=True)
class Hint:
    """One hint and where it applies; `code` is what a member can switch off."""

    code: str
    words: StrOrPromise
    alternative: StrOrPromise
    excerpts: tuple[Excerpt, ...]


@dataclass(frozen=True)
class Hints:
    """What a composer shows; `seen` goes along with the next sending."""

    shown: tuple[Hint, ...]
    seen: str
    is_read_first: bool


def hints_for(
    by: Member,
    *,
    source: str,
    kind: str,
    under_alias: bool,
    title: str = "",
    seen: str = "",
) -> Hints | None:
    """What to show ``by`` before this text is sent, or None: then it may go.

    ``seen`` is what an earlier answer gave: a finding that it names is not told again,
    nor is one whose hint the member switched off. Neither changes what a moderator
    reads first.
    """
    normalise = normalise_anonymous if under_alias else normalise_plain
    text = normalise(f"{' '.join(title.split())}\n{source}" if title else source)
    findings = _findings(by, text, kind, under_alias)
    if not findings:
        return None
    known = seen.split()
    marks = {finding: _mark(finding) for finding in findings}
    quiet = read_shelf(by).quiet
    fresh = [f for f in findings if marks[f] not in known and f.code not in quiet]
    if not fresh:
        return None
    return Hints(
        shown=tuple(_shown(text, list(_without_doubles(fresh)))),
        seen=" ".join(sorted({*marks.values()})),
        is_read_first=needs_moderator(findings),
    )


def switch_off(*, by: Member, code: str) -> None:
    """Show ``by`` the hint no more; kept sealed on the shelf. No text is written here.

    What a moderator reads first stays the same. An unknown code changes nothing.
    """
    require(may_write(by))
    if code in WORDS:
        change_shelf(by, lambda shelf: replace(shelf, quiet=shelf.quiet | {code}))


def switch_on(*, by: Member, code: str) -> None:
    """Show ``by`` the hint again."""
    require(may_write(by))
    change_shelf(by, lambda shelf: replace(shelf, quiet=shelf.quiet - {code}))


def switched_off(member: Member) -> list[Hint]:
    """The hints that the member switched off, without excerpts."""
    quiet = read_shelf(member).quiet
    return [
        Hint(code, *words, excerpts=())
        for code, words in WORDS.items()
        if code in quiet
    ]


def _findings(by: Member, text: str, kind: str, under_alias: bool) -> list[Finding]:
    is_reply = kind != ReplyKind.DILEMMA
    findings = check(text, is_reply=is_reply, links_allowed=kind == ReplyKind.POINTER)
    if kind not in OF_STARTER:
        findings += check_tone(text)
    own = check_own(text, _own_details(by, under_alias))
    return [*own, *findings, *_mixed_scripts(text)]


def _own_details(by: Member, under_alias: bool) -> OwnDetails:
    """What is kept of the application, and the name on the account.

    By name, the name that stands beside the text gives nothing away.
    """
    told = Application.objects.filter(member=by).first() or Application()
    shown = by.display_name.split()
    names = told.full_name.split()
    names = [*names, *shown] if under_alias else [n for n in names if n not in shown]
    return OwnDetails(school=told.school, board=told.board, name=" ".join(names))


def _mixed_scripts(text: str) -> Iterator[Finding]:
    words = mixed_script_words(text)
    if words:
        start = text.index(words[0])
        end = start + len(words[0])
        yield Finding("I23", "own", start, end, words[0], *WORDS["I23"])


def _without_doubles(findings: list[Finding]) -> Iterator[Finding]:
    """Say of the writer's own school that it is theirs, and not that it is a school."""
    own = [finding for finding in findings if finding.weight == "own"]
    for each in findings:
        if each.weight == "own" or not any(
            each.start < mine.end and mine.start < each.end for mine in own
        ):
            yield each


def _shown(text: str, findings: list[Finding]) -> Iterator[Hint]:
    """At most two hints, one per code, the heaviest first."""
    by_code: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda each: _ORDER.index(each.weight)):
        by_code.setdefault(finding.code, []).append(finding)
    heavy = [code for code, found in by_code.items() if found[0].weight != "mild"]
    for code in (heavy or list(by_code))[:MOST_HINTS]:
        found = {each.fragment.casefold(): each for each in reversed(by_code[code])}
        excerpts = [_excerpt(text, each) for each in reversed(found.values())]
        yield Hint(code, *WORDS[code], excerpts=tuple(excerpts[:MOST_FRAGMENTS]))


def _excerpt(text: str, finding: Finding) -> Excerpt:
    """The fragment with whole words of its own line around it."""
    before = text[: finding.start].rpartition("\n")[2]
    after = text[finding.end :].partition("\n")[0]
    if len(before) > AROUND:
        before = "… " + re.sub(r"^\S*\s", "", before[-AROUND:])
    if len(after) > AROUND:
        after = re.sub(r"\s\S*$", "", after[:AROUND]) + " …"
    return Excerpt(before, finding.fragment, after)


def _mark(finding: Finding) -> str:
    """Tells a finding from others, in a form that goes to and fro."""
    told = f"{finding.code} {finding.fragment.casefold()}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]
