from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts import joining
from accounts.models import Member, MemberSecret, Shelf
from accounts.readiness import KeyRingMissing
from accounts.secrets import SECRET_BYTES, replace_secret, secret_of
from tests.accounts.database import everything, rows_of
from tests.accounts.entering import APPLICATION, apply, mailed
from tests.factories import PASSWORD, make_member


def invite(email: str) -> str:
    joining.invite(email=email)
    return mailed(email, r"/invitations/(\S+)/")


def test_applicant_has_a_secret_and_a_shelf_from_the_start(
    client: Client, db: None
) -> None:
    apply(client)

    applicant = Member.objects.get(email=APPLICATION["email"])
    assert len(secret_of(applicant)) == SECRET_BYTES
    assert Shelf.objects.filter(member=applicant).exists()


def test_invited_member_has_a_secret_and_a_shelf_from_the_start(db: None) -> None:
    token = invite("nieuw@school.example")

    joined = joining.accept(token=token, display_name="Nadia", password=PASSWORD)

    assert len(secret_of(Member.objects.get(pk=joined.pk))) == SECRET_BYTES
    assert Shelf.objects.filter(member=joined).exists()


def test_no_two_members_share_a_secret(db: None) -> None:
    members = [make_member() for _number in range(10)]

    assert len({secret_of(member) for member in members}) == 10


def test_member_is_not_made_without_a_ring(db: None, settings: Settings) -> None:
    settings.ALIAS_KEYS = ()
    before = everything()

    with pytest.raises(KeyRingMissing):
        joining.make_member(Member(email="nieuw@school.example", display_name="Nadia"))

    assert everything() == before


def test_an_12_application_without_a_ring_writes_nothing(
    client: Client, db: None, settings: Settings
) -> None:
    settings.ALIAS_KEYS = ()
    before = everything()

    answer = apply(client)

    assert answer.status_code == 503
    assert everything() == before


def test_accepting_without_a_ring_writes_nothing_and_keeps_the_invitation(
    db: None, settings: Settings
) -> None:
    ring = settings.ALIAS_KEYS
    token = invite("nieuw@school.example")
    before = everything()

    settings.ALIAS_KEYS = ()
    with pytest.raises(KeyRingMissing):
        joining.accept(token=token, display_name="Nadia", password=PASSWORD)

    assert everything() == before
    settings.ALIAS_KEYS = ring
    assert joining.accept(token=token, display_name="Nadia", password=PASSWORD).pk


def test_accepting_for_an_address_that_got_an_account_writes_nothing(db: None) -> None:
    token = invite("nieuw@school.example")
    make_member("nieuw@school.example")
    before = everything()

    with pytest.raises(ValidationError):
        joining.accept(token=token, display_name="Nadia", password=PASSWORD)

    assert everything() == before


def test_replaced_secret_overwrites_the_row_of_the_old_one(member: Member) -> None:
    old, stored = secret_of(member), rows_of("accounts_membersecret")

    replace_secret(member)

    assert secret_of(member) != old
    assert secret_of(Member.objects.get(pk=member.pk)) == secret_of(member)
    assert MemberSecret.objects.count() == 1
    assert rows_of("accounts_membersecret") != stored


@pytest.mark.sqlite
def test_replaced_secret_keeps_its_place_in_the_table(
    member: Member, other_member: Member
) -> None:
    replace_secret(member)

    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id FROM accounts_membersecret ORDER BY rowid")
        assert cursor.fetchall() == [(member.pk,), (other_member.pk,)]
