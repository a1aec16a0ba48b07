from __future__ import annotations

from tests.project.invariants import NUMBERS, ROW, TABLE, written_anew


def test_table_has_every_invariant_once_and_in_order() -> None:
    assert [number for number, _words, _tests in ROW.findall(TABLE.read_text())] == (
        NUMBERS
    )


def test_table_names_the_tests_that_there_are() -> None:
    text = TABLE.read_text()

    assert text == written_anew(text), "Run python -m tests.project.invariants."
