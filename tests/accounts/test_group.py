from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts import group
from accounts.models import Member
from tests.factories import make_thread
from tests.people import ClientFor

LINE = "The group is still small."


def fill(number: int, *, days: int = 30, **fields: Any) -> None:
    day = timezone.localdate() - dt.timedelta(days)
    Member.objects.bulk_create(
        Member(email=f"{days}-{each}@voorbeeld.nl", admitted_on=day, **fields)
        for each in range(number)
    )


@pytest.mark.parametrize(("number", "is_small"), [(0, True), (24, True), (25, False)])
def test_group_is_small_below_twenty_five(
    db: None, number: int, is_small: bool
) -> None:
    fill(number)

    assert group.is_small() == is_small


def test_newer_closed_and_waiting_members_do_not_count(db: None) -> None:
    fill(24)
    fill(30, days=29)
    fill(30, days=60, is_active=False)
    Member.objects.create(email="aanvrager@voorbeeld.nl")

    assert group.is_small()


def test_one_query_that_reads_no_more_than_it_must(
    db: None, django_assert_num_queries: Any
) -> None:
    fill(60)

    with django_assert_num_queries(1) as queries:
        assert not group.is_small()

    assert queries.captured_queries[0]["sql"].endswith("LIMIT 25")


@pytest.mark.parametrize("address", ["/dilemmas/new/", "{thread}", "{edit}"])
def test_every_composer_warns_while_the_group_is_small(
    member: Member, client_for: ClientFor, address: str
) -> None:
    thread = make_thread(member)
    edit = f"/posts/{thread.posts.get().pk}/edit/"
    address = address.format(thread=f"/dilemmas/{thread.pk}/", edit=edit)
    client = client_for(member)
    client.cookies["django_language"] = "en"

    assert LINE in client.get(address).content.decode()
    fill(25)
    assert LINE not in client.get(address).content.decode()


def test_refused_text_comes_back_with_the_warning(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    client.cookies["django_language"] = "en"

    answer = client.post("/dilemmas/new/", {"source": "Te kort"})

    assert answer.status_code == 422
    assert LINE in answer.content.decode()
