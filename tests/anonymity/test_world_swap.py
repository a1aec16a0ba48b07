"""Every scenario in both worlds. A scenario is played once; each test reads of it what
its invariant is about.
"""

from __future__ import annotations

import fcntl
import functools
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.anonymity import scenarios
from tests.anonymity.worlds import Difference, Scenario, differences

pytestmark = [pytest.mark.worlds, pytest.mark.django_db(transaction=True)]


def each_of(*found: Scenario) -> pytest.MarkDecorator:
    """A test for each. The scope puts those of one scenario behind one another, so
    that processes which divide the tests among them play few scenarios twice.
    """
    return pytest.mark.parametrize(
        "scenario", found, ids=lambda scenario: scenario.__name__, scope="session"
    )


every_scenario = each_of(*scenarios.EVERY)


@functools.cache
def played(scenario: Scenario) -> tuple[Difference, ...]:
    """What differs; a process that divides the tests with others reads it of them."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return tuple(differences(scenario))
    folder = Path(tempfile.gettempdir()) / f"worlds-{run}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / scenario.__name__).open("a+b") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        kept.seek(0)
        if not (content := kept.read()):
            content = pickle.dumps(tuple(differences(scenario)))
            kept.write(content)
    found: tuple[Difference, ...] = pickle.loads(content)  # noqa: S301 - ours
    return found


def told(
    scenario: Scenario, is_about: Callable[[Difference], bool] = lambda each: True
) -> str:
    found = [each for each in played(scenario) if is_about(each)]
    return "\n\n".join(map(str, found[:8]))


def on(*surfaces: str) -> Callable[[Difference], bool]:
    return lambda each: each.surface.startswith(surfaces)


@every_scenario
def test_an_01_every_surface_is_the_same_in_both_worlds(scenario: Scenario) -> None:
    assert told(scenario, lambda each: not each.is_in_the_database) == ""


@every_scenario
def test_an_02_rows_of_both_worlds_differ_only_in_what_is_sealed(
    scenario: Scenario,
) -> None:
    assert told(scenario, lambda each: each.is_in_the_database) == ""


@every_scenario
def test_an_16_frames_are_the_same_for_every_receiver(scenario: Scenario) -> None:
    assert told(scenario, on("frame")) == ""


@every_scenario
def test_an_17_own_pages_outside_owner_mode_are_those_of_the_other_world(
    scenario: Scenario,
) -> None:
    assert told(scenario, on("page of A", "page of B")) == ""


@every_scenario
def test_an_20_mails_are_the_same_in_both_worlds(scenario: Scenario) -> None:
    assert told(scenario, on("mail")) == ""


@every_scenario
def test_an_22_pages_of_staff_are_the_same_in_both_worlds(scenario: Scenario) -> None:
    assert told(scenario, on("page of M", "page of O")) == ""


@each_of(
    scenarios.be_flagged,
    scenarios.held,
    scenarios.all_read_first,
    scenarios.moderator_writes,
)
def test_an_24_queue_is_the_same_in_both_worlds_also_when_one_is_new_or_a_moderator(
    scenario: Scenario,
) -> None:
    moderators = ("page of M /moderation/", "page of A /moderation/")

    assert told(scenario, on(*moderators)) == ""


@each_of(scenarios.failing_start, scenarios.failing_reply)
def test_an_28_fault_at_any_statement_of_posting_leaves_the_same_and_nothing_half(
    scenario: Scenario,
) -> None:
    assert told(scenario) == ""
