from __future__ import annotations

import functools

import pytest

from tests.anonymity import scenarios
from tests.anonymity.worlds import Difference, Scenario, differences

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("scenario", scenarios.EVERY, ids=lambda s: s.__name__),
]


@functools.cache
def played(scenario: Scenario) -> tuple[Difference, ...]:
    return tuple(differences(scenario))


def told(found: list[Difference]) -> str:
    return "\n\n".join(map(str, found[:12]))


def test_an_01_every_surface_is_the_same_in_both_worlds(scenario: Scenario) -> None:
    found = [d for d in played(scenario) if not d.is_in_the_database]

    assert told(found) == ""


def test_an_02_rows_of_both_worlds_differ_only_in_what_is_sealed(
    scenario: Scenario,
) -> None:
    found = [d for d in played(scenario) if d.is_in_the_database]

    assert told(found) == ""
