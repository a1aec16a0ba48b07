"""The people of the room, as fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Member
from tests.factories import make_member
from tests.own_room import OwnRoom, own_room

ClientFor = Callable[[Member], Client]


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def room(transactional_db: None, tmp_path: Path) -> Iterator[OwnRoom]:
    with own_room(tmp_path) as room:
        yield room


@pytest.fixture
def member(db: None) -> Member:
    return make_member("marit@voorbeeld.nl", "Marit")


@pytest.fixture
def other_member(db: None) -> Member:
    return make_member("joost@voorbeeld.nl", "Joost")


@pytest.fixture
def newcomer(db: None) -> Member:
    return make_member("nieuw@voorbeeld.nl", "Nadia", admitted_days_ago=1)


@pytest.fixture
def applicant(db: None) -> Member:
    return make_member("aanvrager@voorbeeld.nl", "Anna", admitted_days_ago=None)


@pytest.fixture
def moderator(db: None) -> Member:
    return make_member("moderator@voorbeeld.nl", "Mirjam", is_moderator=True)


@pytest.fixture
def other_moderator(db: None) -> Member:
    return make_member("moderator2@voorbeeld.nl", "Ruud", is_moderator=True)


@pytest.fixture
def client_for() -> ClientFor:
    def sign_in(member: Member) -> Client:
        client = Client()
        client.force_login(member)
        return client

    return sign_in
