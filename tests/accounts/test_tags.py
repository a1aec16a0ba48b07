from __future__ import annotations

import re

import pytest
from pytest_django import Settings

from accounts.models import Member
from accounts.readiness import KeyRingMissing
from accounts.tags import Domain, own_key, own_tag, own_tags

SCOPES = [f"{number:032x}" for number in range(200)]


def test_an_08_same_input_gives_the_same_tag(member: Member) -> None:
    first = own_tag(member, Domain.AUTHOR, SCOPES[0])

    again = own_tag(Member.objects.get(pk=member.pk), Domain.AUTHOR, SCOPES[0])

    assert again == first


@pytest.mark.parametrize("scope", ["", "1", "long" * 100])
def test_an_08_tag_is_sixteen_bytes_as_hex(member: Member, scope: str) -> None:
    for domain in Domain:
        assert re.fullmatch(r"[0-9a-f]{32}", own_tag(member, domain, scope))


def test_an_08_tags_of_scopes_and_domains_and_members_never_agree(
    member: Member, other_member: Member
) -> None:
    found = {
        own_tag(who, domain, scope)
        for who in (member, other_member)
        for domain in Domain
        for scope in SCOPES
    }

    assert len(found) == 2 * len(Domain) * len(SCOPES)


def test_bytes_of_tags_are_spread_evenly(member: Member) -> None:
    counts = [0] * 16
    for scope in SCOPES:
        for digit in own_tag(member, Domain.AUTHOR, scope):
            counts[int(digit, 16)] += 1

    expected = sum(counts) / 16
    chi_square = sum((count - expected) ** 2 / expected for count in counts)
    # 15 degrees of freedom: chance exceeds 60 less than once in a million runs.
    assert chi_square < 60


def test_scope_cannot_be_moved_into_the_domain(member: Member) -> None:
    assert own_tag(member, Domain.READ, "") != own_tag(member, Domain.AUTHOR, "")
    assert own_tag(member, Domain.READ, "x") != own_tag(member, Domain.READ, "x\0")


def test_many_tags_at_once_equal_the_tags_one_by_one(member: Member) -> None:
    for domain in Domain:
        found = own_tags(member, domain, SCOPES)

        assert found == {own_tag(member, domain, scope): scope for scope in SCOPES}


def test_key_differs_by_purpose_and_by_member(
    member: Member, other_member: Member
) -> None:
    keys = {
        own_key(who, purpose)
        for who in (member, other_member)
        for purpose in ("shelf", "draft")
    }

    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}


def test_no_tag_without_a_ring(member: Member, settings: Settings) -> None:
    settings.ALIAS_KEYS = ()
    fresh = Member.objects.get(pk=member.pk)

    with pytest.raises(KeyRingMissing):
        own_tag(fresh, Domain.AUTHOR, SCOPES[0])
    with pytest.raises(KeyRingMissing):
        own_tags(fresh, Domain.AUTHOR, SCOPES)
