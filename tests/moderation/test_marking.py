from __future__ import annotations

from forum.text_checks.findings import check
from moderation.marking import Piece, mark

TEXT = "Mail me:\n\njan@school-voorbeeld.nl of bel <b>mij</b>."


def test_what_a_check_saw_is_cut_out_and_nothing_is_lost() -> None:
    lines = mark(TEXT, check(TEXT, is_reply=True))

    assert lines[0] == [Piece("Mail me:")]
    assert lines[1][0] == Piece(
        "jan@school-voorbeeld.nl", is_found=True, is_strong=True
    )
    assert "".join(piece.text for piece in lines[1]) == TEXT.split("\n")[2]


def test_positions_count_from_where_the_text_began() -> None:
    title = "Een titel"
    findings = check(f"{title}\n{TEXT}", is_reply=False)

    assert mark(title, findings) == [[Piece(title)]]
    assert mark(TEXT, findings, len(title) + 1)[1][0].is_found
