from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidTag
from pytest_django import Settings

from accounts import keyring
from accounts.keyring import KEY_BYTES, WRAPPED_BYTES
from accounts.models import Member, MemberSecret
from accounts.readiness import KeyRingMissing
from accounts.tags import Domain, own_tag
from tests.factories import make_member

OLD, NEW = bytes([1]) * KEY_BYTES, bytes([2]) * KEY_BYTES
SECRET = bytes(range(KEY_BYTES))
GOOD = base64.urlsafe_b64encode(OLD).decode()
SHORT = base64.urlsafe_b64encode(b"geheim" * 4).decode()


def tag_of(member: Member) -> str:
    """Asked of a member that was just read, so that the secret is opened anew."""
    return own_tag(Member.objects.get(pk=member.pk), Domain.AUTHOR, "scope")


def test_wrapped_secret_opens_for_its_own_member() -> None:
    wrapped = keyring.wrap(SECRET, "one")

    assert keyring.open_wrapped(wrapped, "one") == SECRET
    assert SECRET not in wrapped


def test_an_09_wrapped_secret_moved_to_another_member_does_not_open() -> None:
    wrapped = keyring.wrap(SECRET, "one")

    with pytest.raises(InvalidTag):
        keyring.open_wrapped(wrapped, "other")


def test_an_09_row_of_a_secret_copied_to_another_member_does_not_open(
    member: Member, other_member: Member
) -> None:
    stolen = MemberSecret.objects.get(member=member).wrapped
    MemberSecret.objects.filter(member=other_member).update(wrapped=stolen)

    with pytest.raises(InvalidTag):
        tag_of(other_member)


def test_wrapped_secret_always_has_sixty_bytes(db: None) -> None:
    for number in range(20):
        make_member(display_name="M" * (2 + number))

    lengths = {len(row.wrapped) for row in MemberSecret.objects.all()}

    assert lengths == {60}
    assert WRAPPED_BYTES == 60


def test_same_secret_wrapped_twice_looks_different() -> None:
    assert keyring.wrap(SECRET, "one") != keyring.wrap(SECRET, "one")


def test_first_key_wraps_and_every_key_opens(settings: Settings) -> None:
    settings.ALIAS_KEYS = (OLD,)
    older = keyring.wrap(SECRET, "one")
    settings.ALIAS_KEYS = (NEW, OLD)
    newer = keyring.wrap(SECRET, "one")

    assert keyring.open_wrapped(older, "one") == SECRET
    assert keyring.open_wrapped(newer, "one") == SECRET
    settings.ALIAS_KEYS = (NEW,)
    assert keyring.open_wrapped(newer, "one") == SECRET
    with pytest.raises(InvalidTag):
        keyring.open_wrapped(older, "one")


def test_new_key_in_front_changes_no_tag(settings: Settings, member: Member) -> None:
    before = tag_of(member)

    settings.ALIAS_KEYS = (NEW, *settings.ALIAS_KEYS)

    assert tag_of(member) == before


def test_changed_byte_does_not_open() -> None:
    wrapped = bytearray(keyring.wrap(SECRET, "one"))
    wrapped[-1] ^= 1

    with pytest.raises(InvalidTag):
        keyring.open_wrapped(bytes(wrapped), "one")


def test_nothing_is_wrapped_or_opened_without_a_ring(settings: Settings) -> None:
    wrapped = keyring.wrap(SECRET, "one")
    settings.ALIAS_KEYS = ()

    with pytest.raises(KeyRingMissing):
        keyring.wrap(SECRET, "one")
    with pytest.raises(KeyRingMissing):
        keyring.open_wrapped(wrapped, "one")


def test_made_key_is_read_back_and_never_the_same() -> None:
    ring = keyring.parse(f"{keyring.make_key()}, {keyring.make_key()}")

    assert [len(key) for key in ring] == [KEY_BYTES, KEY_BYTES]
    assert ring[0] != ring[1]


def test_ring_is_read_in_order_with_and_without_padding() -> None:
    first = base64.urlsafe_b64encode(NEW).decode()

    assert keyring.parse(f" {first} ,\n{GOOD.rstrip('=')}") == (NEW, OLD)
    assert keyring.parse("") == ()


@pytest.mark.parametrize(
    ("ring", "sentence"),
    [
        (f"{GOOD},not a key!", "key 2 is not base64url."),
        ("geheim\N{PILE OF POO}geheim", "key 1 is not base64url."),
        (SHORT, "key 1 does not have 32 bytes."),
        (f"{GOOD},{SHORT}", "key 2 does not have 32 bytes."),
        (f"{GOOD},{GOOD}", "two keys are the same."),
    ],
)
def test_malformed_ring_is_refused_with_a_sentence_that_shows_no_key(
    ring: str, sentence: str
) -> None:
    with pytest.raises(ValueError, match="key") as refusal:
        keyring.parse(ring)

    assert str(refusal.value) == sentence
