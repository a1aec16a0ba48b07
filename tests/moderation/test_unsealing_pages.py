from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from time_machine import Traveller

from accounts.models import Member
from forum.models import Post
from moderation import record, unsealing
from moderation.models import Ground, UnsealingLink, UnsealingRequest
from tests.factories import make_reply, make_thread
from tests.moderation.conftest import next_code
from tests.people import ClientFor

ROOM = "/moderation/unsealing/"
NEW = f"{ROOM}new/"
REASON = (
    "Iemand schrijft dat hij er vandaag een eind aan maakt en niet bereikbaar is. " * 2
)


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[Traveller]:
    moment = dt.datetime(2026, 11, 23, 12, 20, tzinfo=dt.UTC)
    with time_machine.travel(moment, tick=False) as moving:
        yield moving


@pytest.fixture
def post(member: Member, other_member: Member) -> Post:
    return make_reply(member, make_thread(other_member), under_alias=True)


@pytest.fixture
def request_(carla: Member, post: Post) -> UnsealingRequest:
    return unsealing.ask(
        by=carla,
        post=post,
        ground=Ground.DANGER,
        reason=REASON,
        code=next_code(carla),
    )


def english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def send(client: Client, address: str, **fields: Any) -> tuple[int, str]:
    answer = english(client).post(address, fields)
    return answer.status_code, answer.content.decode()


def last_kind() -> str:
    link = UnsealingLink.objects.order_by("-number").first()
    return link.kind if link else ""


def test_two_custodians_go_all_the_way_in_their_browsers(
    carla: Member, cees: Member, post: Post, member: Member, client_for: ClientFor
) -> None:
    asker, second = client_for(carla), client_for(cees)
    status, _ = send(
        asker,
        NEW,
        post=f"http://testserver/dilemmas/{post.thread_id}/#post-{post.pk}",
        ground="danger",
        reason=REASON,
        code=next_code(carla),
    )
    assert status == 302
    request = UnsealingRequest.objects.get()
    detail = f"{ROOM}{request.pk}/"
    assert "Approve" in english(second).get(detail).content.decode()
    assert send(second, f"{detail}approval/", code=next_code(cees))[0] == 302
    assert send(asker, f"{detail}confirmation/", code=next_code(carla))[0] == 302

    opening = send(second, f"{detail}opening/", code=next_code(cees))
    showing = send(asker, f"{detail}showing/", code=next_code(carla))

    for status, page in (opening, showing):
        assert status == 200
        assert member.display_name in page
        assert member.email in page
        assert "You see this once" in page
    for client, code in ((asker, next_code(carla)), (second, next_code(cees))):
        for act in ("opening", "showing"):
            status, page = send(client, f"{detail}{act}/", code=code)
            assert status == 422
            assert member.email not in page
        assert member.email not in client.get(detail).content.decode()
        assert member.email not in client.get(f"{ROOM}record/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"post": "niets"}, "no anonymous text"),
        ({"ground": "claim"}, "one of the two grounds"),
        ({"ground": ""}, "one of the two grounds"),
        ({"reason": "Kort."}, "100 to 3000"),
        ({"code": "1"}, "code is not right"),
        ({"ban_until": "2027-01-01"}, "Only an order"),
    ],
)
def test_refused_request_keeps_what_was_written_and_stands_in_the_record(
    carla: Member, post: Post, client_for: ClientFor, wrong: dict[str, str], words: str
) -> None:
    fields = {
        "post": post.pk,
        "ground": "danger",
        "reason": REASON,
        "code": next_code(carla),
    } | wrong

    status, page = send(client_for(carla), NEW, **fields)

    assert status == 422
    assert words in page
    assert fields["reason"][:40] in page
    assert not UnsealingRequest.objects.exists()
    assert last_kind() == "failed_ask"


@pytest.mark.parametrize("fields", [{"ban_until": "morgen"}, {"code": "1\x00"}])
def test_malformed_field_is_refused_on_the_same_page(
    carla: Member, post: Post, client_for: ClientFor, fields: dict[str, str]
) -> None:
    told = {"post": post.pk, "ground": "danger", "reason": REASON, **fields}
    status, page = send(client_for(carla), NEW, **told)

    assert status == 422
    assert REASON[:40] in page


def test_approval_without_the_colleague_says_what_to_do(
    cees: Member, request_: UnsealingRequest, client_for: ClientFor, clock: Traveller
) -> None:
    clock.shift(dt.timedelta(minutes=6))
    detail = f"{ROOM}{request_.pk}/"

    status, page = send(client_for(cees), f"{detail}approval/", code=next_code(cees))

    assert status == 422
    assert "Ask them to do it now" in page
    assert last_kind() == "failed_approve"
    assert send(client_for(cees), f"{detail}approval/", code="1\x00")[0] == 422


def test_asker_is_offered_no_approval_and_gets_none(
    carla: Member, request_: UnsealingRequest, client_for: ClientFor
) -> None:
    client = client_for(carla)
    detail = f"{ROOM}{request_.pk}/"

    assert f"{detail}approval/" not in client.get(detail).content.decode()
    status, page = send(client, f"{detail}approval/", code=next_code(carla))

    assert status == 422
    assert "Another custodian has to do this." in page


def test_refusing_needs_words_and_no_code(
    cees: Member, request_: UnsealingRequest, client_for: ClientFor
) -> None:
    client = client_for(cees)
    address = f"{ROOM}{request_.pk}/refusal/"

    assert send(client, address, reason=" ")[0] == 422
    assert send(client, address, reason="Er is al hulp bij.")[0] == 302

    request_.refresh_from_db()
    assert request_.state == "refused"
    assert "Er is al hulp bij." in client.get(f"{ROOM}record/").content.decode()


@pytest.mark.parametrize("role", ["member", "moderator", "operator"])
def test_nobody_else_reads_or_does_anything(
    request_: UnsealingRequest, client_for: ClientFor, role: str, moderator: Member
) -> None:
    who = moderator
    if role != "moderator":
        Member.objects.filter(pk=who.pk).update(
            is_moderator=False, is_operator=role == "operator"
        )
    client = client_for(Member.objects.get(pk=who.pk))
    links = UnsealingLink.objects.count()
    detail = f"{ROOM}{request_.pk}/"

    found = {client.get(path).status_code for path in (ROOM, NEW, f"{ROOM}record/")}
    found |= {client.get(detail).status_code, client.post(NEW).status_code}
    for act in ("confirmation", "approval", "refusal", "opening", "showing"):
        found.add(client.post(f"{detail}{act}/").status_code)

    assert found == {403}
    assert UnsealingLink.objects.count() == links


def test_list_and_record_show_hours_and_whether_the_record_is_whole(
    carla: Member, request_: UnsealingRequest, client_for: ClientFor
) -> None:
    client = english(client_for(carla))

    pages = [client.get(path).content.decode() for path in (ROOM, f"{ROOM}record/")]

    for page in pages:
        assert "13:00" in page
        assert "13:20" not in page
        assert "not whole" not in page
    assert record.head() in pages[1]
    UnsealingLink.objects.update(who="Iemand anders")
    for path in (ROOM, f"{ROOM}record/"):
        page = client.get(path).content.decode()
        assert "link 1 is missing or was changed" in page


def test_reading_the_pages_writes_nothing(
    carla: Member, request_: UnsealingRequest, client_for: ClientFor
) -> None:
    client = client_for(carla)
    before = UnsealingLink.objects.count()

    for path in (ROOM, NEW, f"{ROOM}record/", f"{ROOM}{request_.pk}/"):
        assert client.get(path).status_code == 200

    assert UnsealingLink.objects.count() == before


def test_number_per_year_is_public_and_names_are_for_members(
    carla: Member,
    cees: Member,
    request_: UnsealingRequest,
    member: Member,
    applicant: Member,
    client_for: ClientFor,
    clock: Traveller,
) -> None:
    unsealing.refuse(by=cees, request=request_, reason="Nee.")
    clock.move_to(dt.datetime(2028, 1, 2, 12, tzinfo=dt.UTC))

    visitor = english(Client()).get("/anonymity/").content.decode()
    pages = {
        who.pk: english(client_for(who)).get("/anonymity/").content.decode()
        for who in (member, applicant)
    }

    for page in (visitor, *pages.values()):
        for year, refused in ((2028, 0), (2027, 0), (2026, 1)):
            line = f"{year}: 0 times a writer was looked up, {refused} requests refused"
            assert line in page
    assert "Carla, Cees" in pages[member.pk]
    assert "Carla" not in visitor
    assert "Carla" not in pages[applicant.pk]


def test_year_without_any_is_a_number_too() -> None:
    assert record.years() == [record.Year(2026, 0, 0, 0)]
