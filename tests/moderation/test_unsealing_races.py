from __future__ import annotations

import pytest

from accounts.models import Member
from moderation import record, unsealing
from moderation.models import Ground, UnsealingLink, UnsealingRequest
from tests.factories import make_reply, make_thread
from tests.moderation.conftest import next_code
from tests.moderation.test_races import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def request_(carla: Member, member: Member, other_member: Member) -> UnsealingRequest:
    post = make_reply(member, make_thread(other_member), under_alias=True)
    return unsealing.ask(
        by=carla,
        post=post,
        ground=Ground.DANGER,
        reason="Iemand schrijft dat hij er vandaag een eind aan maakt. " * 3,
        code=next_code(carla),
    )


def test_opening_by_both_at_once_gives_one_answer(
    carla: Member, cees: Member, request_: UnsealingRequest
) -> None:
    unsealing.approve(by=cees, request=request_, code=next_code(cees))
    for by in (carla, cees):
        unsealing.confirm(by=by, request=request_, code=next_code(by))
    codes = {by.pk: next_code(by) for by in (carla, cees)}
    first, second = (UnsealingRequest.objects.get(pk=request_.pk) for _ in range(2))

    told = race(
        lambda: unsealing.open_sealed(by=carla, request=first, code=codes[carla.pk]),
        lambda: unsealing.open_sealed(by=cees, request=second, code=codes[cees.pk]),
    )

    assert told == ["This cannot be done now."]
    kinds = list(UnsealingLink.objects.values_list("kind", flat=True))
    assert kinds.count("opened") == kinds.count("failed_open") == 1
    assert record.verify_chain() is None


def test_approving_and_refusing_at_once_give_one_outcome(
    cees: Member, request_: UnsealingRequest
) -> None:
    code = next_code(cees)
    first, second = (UnsealingRequest.objects.get(pk=request_.pk) for _ in range(2))

    told = race(
        lambda: unsealing.approve(by=cees, request=first, code=code),
        lambda: unsealing.refuse(by=cees, request=second, reason="Nee."),
    )

    request_.refresh_from_db()
    kinds = list(UnsealingLink.objects.values_list("kind", flat=True))
    # An approval that came first can still be refused.
    assert request_.state == "refused"
    assert kinds.count("refused") == 1
    assert len(told) == 1 - kinds.count("approved")
    assert record.verify_chain() is None


def test_links_written_at_once_stand_in_one_line(carla: Member) -> None:
    told = race(
        *[lambda: record.append(record.Kind.CONFIRMED, by=carla) for _ in range(8)]
    )

    assert told == []
    assert UnsealingLink.objects.count() == 8
    assert record.verify_chain() is None
