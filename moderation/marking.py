"""Cuts a text into lines and pieces, so that a template can mark what a check saw.

Pure: nothing here is HTML, and the template escapes every piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forum.text_checks.findings import Finding


@dataclass(frozen=True)
class Piece:
    """Some characters of a line; ``is_found`` when a check saw something there."""

    text: str
    is_found: bool = False
    is_strong: bool = False


Line = list[Piece]


def mark(text: str, findings: Sequence[Finding], start: int = 0) -> list[Line]:
    """The lines of ``text`` that are not empty, cut where findings begin and end.

    ``start`` is where ``text`` begins in what was checked. Where findings overlap,
    the first one goes on.
    """
    lines = []
    for line in text.split("\n"):
        if line.strip():
            lines.append(list(_pieces(line, findings, start)))
        start += len(line) + 1
    return lines


def _pieces(line: str, findings: Sequence[Finding], start: int) -> Iterator[Piece]:
    reached = 0
    for finding in sorted(findings, key=lambda each: each.start):
        begin = max(finding.start - start, reached)
        end = min(finding.end - start, len(line))
        if begin >= end:
            continue
        if begin > reached:
            yield Piece(line[reached:begin])
        is_strong = finding.weight != "mild"
        yield Piece(line[begin:end], is_found=True, is_strong=is_strong)
        reached = end
    if reached < len(line):
        yield Piece(line[reached:])
