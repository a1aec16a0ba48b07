from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils.translation import gettext
from pytest_django import Settings

from accounts.ids import random_id
from accounts.models import Member, Shelf
from accounts.shelf import MOST, STEP, Shelved, change_shelf, read_shelf
from tests.accounts.database import rows_of

OVERHEAD = 12 + 16  # nonce and tag


def follow(member: Member, *ids: str) -> Shelved:
    return change_shelf(
        member, lambda old: dataclasses.replace(old, followed=old.followed | {*ids})
    )


def stored_length(member: Member) -> int:
    return len(Shelf.objects.get(member=member).sealed)


def test_shelf_is_read_as_it_was_changed(member: Member) -> None:
    wanted = Shelved(frozenset({"a"}), frozenset({"b", "c"}), frozenset({"d"}))

    change_shelf(member, lambda _old: wanted)

    assert read_shelf(Member.objects.get(pk=member.pk)) == wanted


def test_used_shelf_is_as_long_as_an_empty_one(
    member: Member, other_member: Member
) -> None:
    follow(member, *(random_id() for _number in range(150)))

    assert stored_length(member) == stored_length(other_member) == STEP + OVERHEAD


def test_shelf_grows_in_steps_of_four_kibibytes(member: Member) -> None:
    lengths = set()
    for _round in range(10):
        follow(member, *(random_id() for _number in range(40)))
        lengths.add(stored_length(member) - OVERHEAD)

    assert lengths == {STEP, 2 * STEP, 3 * STEP}


def test_an_32_row_shows_nothing_of_what_lies_on_the_shelf(member: Member) -> None:
    thread = random_id()
    follow(member, thread)

    row = repr(rows_of("accounts_shelf"))

    assert thread not in row
    assert "followed" not in row


def test_same_content_is_sealed_differently_each_time(member: Member) -> None:
    follow(member, "a")
    before = rows_of("accounts_shelf")[0][1]

    follow(member, "a")

    assert rows_of("accounts_shelf")[0][1] != before


def test_shelf_copied_to_another_member_does_not_open(
    member: Member, other_member: Member
) -> None:
    stolen = Shelf.objects.get(member=member).sealed
    Shelf.objects.filter(member=other_member).update(sealed=stolen)

    with pytest.raises(InvalidTag):
        read_shelf(other_member)


def test_full_shelf_refuses_more_and_keeps_what_it_had(member: Member) -> None:
    before = follow(member, "a")

    with pytest.raises(ValidationError) as refusal:
        follow(member, *(random_id() for _number in range(MOST // 20)))

    assert refusal.value.messages == [
        gettext("This is full. Take something away first.")
    ]
    assert read_shelf(member) == before


def test_shelf_holds_two_thousand_threads(member: Member) -> None:
    ids = [random_id() for _number in range(2000)]

    follow(member, *ids)

    assert read_shelf(member).followed == frozenset(ids)
    assert stored_length(member) <= MOST + OVERHEAD


def test_shelf_is_empty_without_a_ring(member: Member, settings: Settings) -> None:
    follow(member, "a")
    settings.ALIAS_KEYS = ()

    assert read_shelf(Member.objects.get(pk=member.pk)) == Shelved()


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_changes_are_both_kept(member: Member) -> None:
    both_have_read = threading.Barrier(2, timeout=20)
    seen: set[str] = set()

    def add(name: str) -> None:
        def change(old: Shelved) -> Shelved:
            if name not in seen:
                seen.add(name)
                both_have_read.wait()
            return dataclasses.replace(old, saved=old.saved | {name})

        try:
            change_shelf(Member.objects.get(pk=member.pk), change)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(add, ["one", "two"]))

    assert read_shelf(member).saved == {"one", "two"}
