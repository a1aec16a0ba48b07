from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from pytest_django import Settings

from accounts import sanctions
from accounts.limits import require_may_write
from accounts.models import Member, Sanction
from accounts.readiness import KeyRingMissing
from accounts.tags import Domain, own_tag
from tests.factories import make_member

PAUSE = Sanction.Kind.PAUSE_WRITING


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days)


def sanctioned(
    member: Member, scope: str, days: int = 7, kind: Sanction.Kind = PAUSE
) -> None:
    tag = own_tag(member, Domain.AUTHOR, scope)
    sanctions.sanction_alias(scope, tag, kind=kind, until=in_days(days), ground="R06")


def sealed() -> dict[str, bytes]:
    rows = Sanction.objects.exclude(sealed_tag=None)
    return {row.pk: bytes(row.sealed_tag or b"") for row in rows}


def test_pause_by_name_stops_that_member_only(
    member: Member, other_member: Member
) -> None:
    sanctions.sanction_member(member, kind=PAUSE, until=in_days(7), ground="R06")

    assert sanctions.paused_until(member) == in_days(7)
    assert sanctions.paused_until(other_member) is None


def test_pause_of_an_alias_stops_its_owner_only(
    member: Member, other_member: Member
) -> None:
    sanctioned(member, "a" * 32, days=3)
    sanctioned(member, "b" * 32, days=9)

    assert sanctions.paused_until(member) == in_days(9)
    assert sanctions.paused_until(other_member) is None


def test_warning_stops_nobody(member: Member) -> None:
    sanctioned(member, "a" * 32, kind=Sanction.Kind.WARN)
    warn = Sanction.Kind.WARN
    sanctions.sanction_member(member, kind=warn, until=in_days(7), ground="R06")

    require_may_write(member)


def test_pause_ends_at_the_beginning_of_its_day(
    member: Member, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    sanctioned(member, "a" * 32, days=2)
    time_machine.move_to("2026-11-24 23:59+01:00")
    assert sanctions.paused_until(member) == dt.date(2026, 11, 25)

    time_machine.move_to("2026-11-25 00:01+01:00")

    assert sanctions.paused_until(member) is None
    assert sanctions.drop_ended() == 1
    assert sanctions.drop_ended() == 0


def test_refusal_has_the_same_words_by_name_and_for_an_alias(
    member: Member, other_member: Member
) -> None:
    sanctions.sanction_member(member, kind=PAUSE, until=in_days(7), ground="R06")
    sanctioned(other_member, "a" * 32)

    said = set()
    for writer in (member, other_member):
        with translation.override("en"), pytest.raises(ValidationError) as refusal:
            require_may_write(writer)
        said.add(refusal.value.messages[0])

    (words,) = said
    assert "you can read, but not write" in words


def test_asking_takes_as_many_queries_for_none_as_for_twelve(member: Member) -> None:
    def queries() -> int:
        writer = Member.objects.get(pk=member.pk)
        with CaptureQueriesContext(connection) as seen:
            sanctions.paused_until(writer)
        return len(seen)

    before = queries()
    for number in range(12):
        sanctioned(make_member(), f"{number:032}")

    assert queries() == before == 2


def test_row_is_about_a_member_or_an_alias_and_never_both(member: Member) -> None:
    common: dict[str, Any] = {"kind": PAUSE, "until": in_days(7), "ground": "R06"}
    wrong: list[dict[str, Any]] = [
        {},
        {"member": member, "scope": "a" * 32},
        {"member": member, "sealed_tag": b"x" * 44},
        {"scope": "a" * 32},
        {"sealed_tag": b"x" * 44},
        {"member": member, "scope": "a" * 32, "sealed_tag": b"x" * 44},
    ]

    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Sanction.objects.create(**common, **fields)


def test_sealing_anew_changes_every_row_and_stops_whom_it_stopped(
    member: Member, other_member: Member
) -> None:
    sanctioned(member, "a" * 32)
    sanctioned(other_member, "b" * 32)
    before = sealed()

    assert sanctions.reseal() == 2

    after = sealed()
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
    assert {len(value) for value in [*before.values(), *after.values()]} == {44}
    assert sanctions.paused_until(member)
    assert sanctions.paused_until(other_member)


def test_sealed_tag_does_not_open_in_another_row(
    member: Member, other_member: Member
) -> None:
    sanctioned(member, "a" * 32)
    sanctioned(other_member, "a" * 32)
    first, second = sealed().items()

    Sanction.objects.filter(pk=first[0]).update(sealed_tag=second[1])
    Sanction.objects.filter(pk=second[0]).update(sealed_tag=first[1])

    assert sanctions.paused_until(member) is None
    assert sanctions.paused_until(other_member) is None


def test_row_that_no_key_opens_stops_nobody_and_breaks_nothing(
    member: Member, other_member: Member, settings: Settings
) -> None:
    ring = settings.ALIAS_KEYS
    settings.ALIAS_KEYS = (b"o" * 32, *ring)
    sanctioned(member, "a" * 32)

    settings.ALIAS_KEYS = ring

    assert sanctions.paused_until(other_member) is None
    assert sanctions.reseal() == 0


def test_rotation_of_the_ring_keeps_sanctions(
    member: Member, settings: Settings
) -> None:
    ring = settings.ALIAS_KEYS
    sanctioned(member, "a" * 32)

    settings.ALIAS_KEYS = (b"n" * 32, *ring)
    assert sanctions.reseal() == 1
    settings.ALIAS_KEYS = (b"n" * 32,)

    assert {len(tag) for tag in sanctions_opened()} == {32}


def sanctions_opened() -> list[str]:
    with transaction.atomic():
        return list(sanctions.open_all().values())


def test_without_a_ring_nothing_is_asked_sealed_or_lost(
    member: Member, settings: Settings
) -> None:
    sanctioned(member, "a" * 32)
    before = sealed()

    settings.ALIAS_KEYS = ()

    with pytest.raises(KeyRingMissing):
        require_may_write(Member.objects.get(pk=member.pk))
    assert sanctions.reseal() == 0
    assert sealed() == before
