"""What anonymity costs: the same acts by name and anonymously, in two sizes of room.

`python -m tests.benchmarks.anonymity` fills a small and a large room on SQLite and, when
it is installed, on PostgreSQL, and prints the figures of one run side by side. Absolute
figures are those of the machine; the ratios are what to look at. An argument names one
of the two databases.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tests import services

ROOT = Path(__file__).resolve().parent.parent.parent
MEASURE = (
    "import django; django.setup(); from tests.benchmarks import rooms; rooms.run()"
)
Figures = dict[str, dict[str, float]]


def main() -> None:
    _say(_machine())
    for database in sys.argv[1:] or ("SQLite", "PostgreSQL"):
        _say(f"\n{database}\n")
        try:
            for line in table(_measured(database)):
                _say(line)
        except services.MissingServiceError as missing:
            _say(str(missing))


def _measured(database: str) -> dict[str, Figures]:
    """A process of its own for each: the settings choose a database once."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    environment.pop("TEST_DATABASE", None)
    if database == "PostgreSQL":
        environment["TEST_POSTGRES_URL"] = services.shared_postgres_url()
        environment["TEST_DATABASE"] = "postgresql"
    told = subprocess.run(
        [sys.executable, "-c", MEASURE],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    measured: dict[str, Figures] = json.loads(told)
    return measured


def table(sizes: dict[str, Figures]) -> list[str]:
    """Lines of a Markdown table: both rooms side by side, and their ratio."""
    (small_name, small), (large_name, large) = sizes.items()
    lines = [
        f"| p50 / p95 ms (CPU p50), queries | {small_name} | {large_name} | ratio |",
        "| --- | --- | --- | --- |",
    ]
    for what, one in small.items():
        other = large[what]
        ratio = _ratio(other, one)
        lines.append(f"| {what} | {_cell(one)} | {_cell(other)} | {ratio} |")
    for what in ("dilemma", "reply"):
        ratios = [
            _ratio(figures[f"{what}, anonymously"], figures[f"{what}, by name"])
            for figures in (small, large)
        ]
        lines.append(f"| {what}, anonymously ÷ by name | {' | '.join(ratios)} | |")
    return lines


def _cell(figure: dict[str, float]) -> str:
    return "{p50:.1f} / {p95:.1f} ({cpu:.1f}), {queries:.0f}".format(**figure)


def _ratio(one: dict[str, float], other: dict[str, float]) -> str:
    """Of the medians, and in brackets of those of CPU time."""
    return f"{one['p50'] / other['p50']:.2f} ({one['cpu'] / other['cpu']:.2f})"


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}, Django {version('django')}, "
        f"load of the last minute {os.getloadavg()[0]:.1f}"
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
