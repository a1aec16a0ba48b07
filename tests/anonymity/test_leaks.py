"""Each leak that we could think of, seeded alone, must be found (AN-34).

Still to come, with what they need: a function aimed at a member that hides anonymous
posts, statement of reasons by mail, standard export with anonymous posts.
"""

from __future__ import annotations

import pytest

from tests.anonymity import leaks
from tests.anonymity.leaks import Leak
from tests.anonymity.worlds import differences

pytestmark = [pytest.mark.worlds, pytest.mark.django_db(transaction=True)]


def assert_found(leak: Leak) -> None:
    with leak.seed():
        found = differences(leak.scenario, to_the_end=False)

    surfaces = {each.surface for each in found}
    assert [each for each in surfaces if each.startswith(leak.surface)], surfaces


@pytest.mark.parametrize("leak", leaks.EVERY, ids=lambda leak: leak.seed.__name__)
def test_an_34_seeded_leak_is_found_where_it_shows(leak: Leak) -> None:
    assert_found(leak)


@pytest.mark.sqlite
@pytest.mark.parametrize("leak", leaks.ON_SQLITE, ids=lambda leak: leak.seed.__name__)
def test_an_34_hidden_row_number_is_found(leak: Leak) -> None:
    assert_found(leak)
