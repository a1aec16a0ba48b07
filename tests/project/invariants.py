"""The table of docs/invariants.md: which tests bear the number of which invariant.

`python -m tests.project.invariants` writes its right-hand column anew.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TABLE = ROOT / "docs" / "invariants.md"
TO_COME = "still to come"
NUMBERS = [f"AN-{number:02}" for number in range(1, 36)]
ROW = re.compile(r"^\| (AN-\d\d) \| ([^|]+) \| ([^|]+) \|$", re.M)


def names_by_number() -> dict[str, list[str]]:
    """Names of the tests that bear the number of an invariant."""
    found: dict[str, set[str]] = {number: set() for number in NUMBERS}
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                match = re.match(r"test_an_(\d\d)_", node.name)
                if match:
                    found[f"AN-{match[1]}"].add(node.name)
    return {number: sorted(names) for number, names in found.items()}


def written_anew(text: str) -> str:
    """``text`` with the tests as they are now; a remark without a test is kept."""
    names = names_by_number()

    def row(match: re.Match[str]) -> str:
        number, words, told = match.groups()
        cell = ", ".join(f"`{name}`" for name in names[number])
        if not cell:
            cell = told if TO_COME in told else TO_COME
        return f"| {number} | {words} | {cell} |"

    return ROW.sub(row, text)


if __name__ == "__main__":
    TABLE.write_text(written_anew(TABLE.read_text()))
