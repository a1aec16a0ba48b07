"""Figures of the text checks: what they find, what they cost.

    python -m tests.benchmarks.text_checks

Times are processor time, the best of some runs. Nothing is asserted here.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def milliseconds(act: Callable[[], object], runs: int) -> float:
    spent = []
    for _run in range(runs):
        started = time.process_time()
        act()
        spent.append(time.process_time() - started)
    return min(spent) * 1000


def kibibytes(act: Callable[[], object]) -> tuple[float, float]:
    """What is kept after ``act``, and the peak during it."""
    tracemalloc.start()
    act()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept / 1024, peak / 1024


def main() -> list[str]:
    """The lines to print."""

    def load() -> None:
        from forum.text_checks import findings, own_details  # noqa: F401

    kept, _peak = kibibytes(load)
    from forum.text_checks.findings import Finding, check, check_tone
    from forum.text_checks.own_details import OwnDetails, check_own
    from tests.forum.sentences import IDENTIFYING, JUDGING, KIND, NEUTRAL
    from tests.forum.test_text_checks import HOSTILE

    own = OwnDetails("obs De Duinroos, Zandvoort", "Stichting Kustwijs", "Anna Zoelen")

    def details(text: str) -> list[Finding]:
        return check(text, is_reply=False)

    def everything(text: str) -> list[Finding]:
        return [*check(text, is_reply=True), *check_tone(text), *check_own(text, own)]

    def figures(
        name: str,
        sees: Callable[[str], list[Finding]],
        wanted: tuple[str, ...],
        others: tuple[str, ...],
    ) -> str:
        hits = sum(bool(sees(sentence)) for sentence in wanted)
        wrong = sum(bool(sees(sentence)) for sentence in others)
        return (
            f"{name}: recall {hits / len(wanted):.2f} ({hits} of {len(wanted)}), "
            f"precision {hits / (hits + wrong):.2f}, "
            f"false alarms {wrong} of {len(others)}"
        )

    text = " ".join(KIND + NEUTRAL + IDENTIFYING + JUDGING)[:3000]
    worst, example = max(
        (milliseconds(partial(everything, long), 2), long)
        for long in (each[:20_000] for each in HOSTILE)
    )
    _kept, peak = kibibytes(lambda: everything(text))
    return [
        figures("judging words", check_tone, JUDGING, KIND),
        figures("recognisable details", details, IDENTIFYING, NEUTRAL),
        f"3,000 characters: {milliseconds(lambda: everything(text), 20):.1f} ms",
        f"worst hostile 20,000 characters: {worst:.0f} ms ({example[:14]!r})",
        f"memory: {kept:.0f} KiB loaded with the framework, {peak:.0f} KiB more during a check",
    ]


if __name__ == "__main__":
    print("\n".join(main()))  # noqa: T201 - figures for a person
