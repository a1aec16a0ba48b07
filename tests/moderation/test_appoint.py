from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Member
from accounts.signals import access_ended
from moderation import record
from moderation.models import UnsealingLink


def said(*arguments: str, **options: Any) -> list[str]:
    out = StringIO()
    call_command("appoint", *arguments, stdout=out, **options)
    return out.getvalue().splitlines()


TWO = {"by": "Omar Operator", "with": "Petra Penning"}


@pytest.mark.parametrize("role", ["moderator", "operator", "custodian"])
def test_member_is_appointed_once(role: str, member: Member) -> None:
    first = said(role, "Marit@voorbeeld.nl", **TWO)
    again = said(role, "marit@voorbeeld.nl", **TWO)

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


@pytest.mark.parametrize(
    "names",
    [
        {},
        {"by": "Omar"},
        {"with": "Petra"},
        {"by": "Omar", "with": " "},
        {"by": "Omar  O", "with": "omar o"},
        {"by": "Omar", "with": "P" * 121},
    ],
)
def test_custodian_is_not_appointed_without_two_people(
    member: Member, names: dict[str, str]
) -> None:
    with pytest.raises(CommandError, match="two"):
        said("custodian", member.email, **names)

    member.refresh_from_db()
    assert not member.is_custodian
    assert not UnsealingLink.objects.exists()


def test_an_25_record_names_who_appointed_a_custodian_and_who_ended_it(
    member: Member,
) -> None:
    said("custodian", member.email, **TWO)
    said("custodian", member.email, **TWO)
    said("custodian", member.email, end=True, **TWO)
    said("moderator", member.email)

    links = UnsealingLink.objects.order_by("number")
    assert [(link.kind, link.who, link.whom, link.whom_id) for link in links] == [
        (kind, "Omar Operator, Petra Penning", "Marit", member.pk)
        for kind in ("appointed", "ended")
    ]
    assert record.verify_chain() is None


def checked(*arguments: str) -> str:
    out = StringIO()
    call_command("check_unsealings", *arguments, stdout=out)
    return out.getvalue()


def test_record_is_checked_by_command(member: Member) -> None:
    assert checked() == "The record is whole. Its head: 0:\n"
    said("custodian", member.email, **TWO)
    head = checked().split()[-1]
    assert head.startswith("1:")
    said("custodian", member.email, end=True, **TWO)

    assert "whole" in checked("--known", head)
    for unknown in ("1:" + "0" * 64, "x", "3:", "0:abc"):
        with pytest.raises(CommandError, match="not in this record"):
            checked("--known", unknown)


def test_an_25_command_stops_at_a_changed_link(member: Member) -> None:
    said("custodian", member.email, **TWO)
    UnsealingLink.objects.update(who="Iemand anders")

    with pytest.raises(CommandError, match="Link 1"):
        checked()
