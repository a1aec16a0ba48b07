from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import translation

from accounts.models import Member
from forum.models import Post, PostState
from forum.models.reasons import Reason
from moderation import deciding
from moderation.models import Act, Decision, ReviewItem
from tests.moderation.conftest import MESSAGE, refused


def race(*acts: Callable[[], object]) -> list[str]:
    """Run the acts at the same moment; the words of whoever was refused."""
    start = threading.Barrier(len(acts))
    told: list[str] = []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            with translation.override("en"):
                told.extend(refused(act))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return told


@pytest.mark.django_db(transaction=True)
def test_opposite_decisions_give_one_outcome_and_one_who_is_told(
    held: Post, item: ReviewItem, moderator: Member
) -> None:
    deciding.claim(by=moderator, item=item)
    first, second = (ReviewItem.objects.get(pk=item.pk) for _ in range(2))

    told = race(
        lambda: deciding.publish(by=moderator, item=first, version=1),
        lambda: deciding.remove(
            by=moderator, item=second, version=1, reason=Reason.R06, message=MESSAGE
        ),
    )

    held.refresh_from_db()
    decision = Decision.objects.get()
    assert held.state in {PostState.PUBLISHED, PostState.REMOVED}
    assert (held.state == PostState.PUBLISHED) == (decision.act == Act.PUBLISH)
    assert len(told) == 1
    assert told[0].startswith("A colleague decided on this just now: ")


@pytest.mark.django_db(transaction=True)
def test_two_who_claim_at_once_give_one_holder(
    item: ReviewItem, moderator: Member, other_moderator: Member
) -> None:
    first, second = (ReviewItem.objects.get(pk=item.pk) for _ in range(2))

    told = race(
        lambda: deciding.claim(by=moderator, item=first),
        lambda: deciding.claim(by=other_moderator, item=second),
    )

    assert told == ["A colleague is reading this now."]
