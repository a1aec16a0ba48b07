from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TABLE = ROOT / "docs" / "invariants.md"
TO_COME = "still to come"
NUMBERS = [f"AN-{number:02}" for number in range(1, 36)]


def tests_by_number() -> dict[str, set[str]]:
    """Names of the tests that bear the number of an invariant."""
    found: dict[str, set[str]] = {number: set() for number in NUMBERS}
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                match = re.match(r"test_an_(\d\d)_", node.name)
                if match:
                    found[f"AN-{match[1]}"].add(node.name)
    return found


def rows() -> dict[str, str]:
    """The right-hand column of the table, by number."""
    lines = re.findall(
        r"^\| (AN-\d\d) \| [^|]+ \| ([^|]+) \|$", TABLE.read_text(), re.M
    )
    return dict(lines)


def test_table_has_every_invariant_once_and_in_order() -> None:
    found = re.findall(r"^\| (AN-\d\d) ", TABLE.read_text(), re.M)

    assert found == NUMBERS
    assert list(rows()) == NUMBERS


def test_every_test_of_an_invariant_is_in_the_table_and_the_other_way_round() -> None:
    named = {
        number: set(re.findall(r"test_an_\w+", cell)) for number, cell in rows().items()
    }

    assert named == tests_by_number()


def test_invariant_without_a_test_says_so() -> None:
    for number, names in tests_by_number().items():
        assert names or TO_COME in rows()[number], number
