from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Member
from accounts.signals import access_ended


def said(*arguments: str, **options: Any) -> list[str]:
    out = StringIO()
    call_command("appoint", *arguments, stdout=out, **options)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("role", ["moderator", "operator", "custodian"])
def test_member_is_appointed_once(role: str, member: Member) -> None:
    first = said(role, "Marit@voorbeeld.nl")
    again = said(role, "marit@voorbeeld.nl")

    member.refresh_from_db()
    assert getattr(member, f"is_{role}")
    assert len(first) == 2
    assert first[-1] == "1 changed."
    assert again == [f"marit@voorbeeld.nl: {role} already.", "0 changed."]


def test_applicant_and_stranger_are_left_alone(applicant: Member) -> None:
    lines = said("moderator", applicant.email, "niemand@voorbeeld.nl")

    applicant.refresh_from_db()
    assert not applicant.is_moderator
    assert lines[-1] == "0 changed."


def test_ending_tells_that_access_ended_and_does_so_once(moderator: Member) -> None:
    ended: list[str] = []

    def note(member_id: str, **kwargs: Any) -> None:
        ended.append(member_id)

    access_ended.connect(note)
    try:
        said("moderator", moderator.email, end=True)
        said("moderator", moderator.email, end=True)
    finally:
        access_ended.disconnect(note)

    moderator.refresh_from_db()
    assert not moderator.is_moderator
    assert ended == [moderator.pk]
