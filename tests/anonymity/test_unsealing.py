from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from time_machine import Traveller

from accounts.detaching import detach
from accounts.models import Member, MemberSecret
from forum.models import Post
from moderation import record, telling, unsealing
from moderation.models import (
    Ground,
    Notice,
    UnsealingHead,
    UnsealingLink,
    UnsealingRequest,
)
from tests.accounts.database import everything
from tests.factories import PASSWORD, make_member, make_reply, make_thread
from tests.moderation.conftest import make_custodian, next_code
from tests.people import ClientFor

NOON = dt.datetime(2026, 11, 23, 12, 20, tzinfo=dt.UTC)
REASON = "De rechtbank vraagt in haar beschikking van deze maand wie dit schreef. " * 2
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def carla() -> Member:
    return make_custodian("Carla")


@pytest.fixture
def cees() -> Member:
    return make_custodian("Cees")


@pytest.fixture
def post(member: Member, other_member: Member) -> Post:
    """A text under an alias, in somebody else's thread, where others write too."""
    thread = make_thread(other_member, under_alias=True)
    make_reply(make_member(display_name="Ilse"), thread, under_alias=True)
    return make_reply(member, thread, under_alias=True)


def asked(by: Member, post: Post, **told: Any) -> UnsealingRequest:
    fields = {"ground": Ground.ORDER, "reason": REASON, "code": next_code(by)} | told
    return unsealing.ask(by=by, post=post, **fields)


def confirmed(by: Member, request: UnsealingRequest) -> None:
    unsealing.confirm(by=by, request=request, code=next_code(by))


def approved(by: Member, second: Member, post: Post, **told: Any) -> UnsealingRequest:
    request = asked(by, post, **told)
    unsealing.approve(by=second, request=request, code=next_code(second))
    return request


def opened(by: Member, second: Member, post: Post, **told: Any) -> UnsealingRequest:
    """Danger needs no wait."""
    told = {"ground": Ground.DANGER} | told
    request = approved(by, second, post, **told)
    confirmed(by, request)
    unsealing.open_sealed(by=second, request=request, code=next_code(second))
    return request


def kinds() -> list[str]:
    return list(UnsealingLink.objects.order_by("number").values_list("kind", flat=True))


def rest() -> dict[str, Any]:
    """The database without the record and without spent codes."""
    tables = everything()
    for name in ("moderation_unsealinglink", "moderation_unsealinghead"):
        del tables[name]
    del tables["mfa_authenticator"]
    return tables


def does_nothing(act: Callable[[], object], problem: unsealing.Problem) -> None:
    """The attempt is refused for that reason, changes nothing, and is written down."""
    before, links = rest(), len(kinds())

    with pytest.raises(ValidationError) as refused:
        act()

    assert refused.value.code == problem
    assert rest() == before
    assert len(kinds()) == links + 1
    last = UnsealingLink.objects.get(number=links + 1)
    assert last.kind.startswith("failed_")
    assert last.problem == problem
    assert record.verify_chain() is None


def test_an_25_two_custodians_with_factors_ground_reason_and_wait_find_the_writer(
    carla: Member, cees: Member, post: Post, member: Member, clock: Traveller
) -> None:
    request = approved(carla, cees, post)
    clock.shift(73 * HOUR)
    confirmed(cees, request)

    found = unsealing.open_sealed(by=carla, request=request, code=next_code(carla))
    shown = unsealing.show(by=cees, request=request, code=next_code(cees))

    assert found.member == shown.member == member
    assert kinds() == ["asked", "approved", "confirmed", "opened", "shown"]
    assert record.verify_chain() is None
    link = UnsealingLink.objects.get(kind="opened")
    assert {link.who, link.whom} == {"Carla", "Cees"}
    assert (link.found, link.post_id, link.reason) == (True, post.pk, request.reason)
    assert link.hour.minute == 0


def test_an_25_a_code_of_an_authenticator_counts_and_counts_once(
    carla: Member, post: Post
) -> None:
    secret = generate_totp_secret()
    carla.authenticator_set.all().delete()  # type: ignore[attr-defined]
    TOTP.activate(carla, secret)
    code = format_hotp_value(hotp_value(secret, int(NOON.timestamp()) // 30))

    request = asked(carla, post, code=code)

    does_nothing(
        lambda: unsealing.confirm(by=carla, request=request, code=code),
        unsealing.Problem.FACTOR,
    )


@pytest.mark.parametrize("code", ["", " ", "000000", "niet-mijn-code"])
def test_an_25_without_a_second_factor_nothing_is_asked(
    carla: Member, post: Post, code: str
) -> None:
    does_nothing(lambda: asked(carla, post, code=code), unsealing.Problem.FACTOR)
    assert not UnsealingRequest.objects.exists()


def test_an_25_a_code_of_the_colleague_is_no_second_factor(
    carla: Member, cees: Member, post: Post
) -> None:
    does_nothing(
        lambda: asked(carla, post, code=next_code(cees)), unsealing.Problem.FACTOR
    )


def test_codes_cannot_be_guessed(carla: Member, post: Post) -> None:
    for _ in range(5):
        does_nothing(lambda: asked(carla, post, code="1"), unsealing.Problem.FACTOR)

    does_nothing(lambda: asked(carla, post), unsealing.Problem.FACTOR)


@pytest.mark.parametrize("reason", ["", "x" * 99, " " * 200, "x" * 3001])
def test_an_25_without_a_reason_of_a_hundred_characters_nothing_is_asked(
    carla: Member, post: Post, reason: str
) -> None:
    does_nothing(lambda: asked(carla, post, reason=reason), unsealing.Problem.REASON)


@pytest.mark.parametrize("ground", ["", "civil_claim", "ORDER"])
def test_an_25_without_a_ground_of_the_closed_list_nothing_is_asked(
    carla: Member, post: Post, ground: str
) -> None:
    does_nothing(lambda: asked(carla, post, ground=ground), unsealing.Problem.GROUND)


def test_database_itself_refuses_another_ground_and_one_person_twice(
    carla: Member, post: Post
) -> None:
    request = asked(carla, post)

    for change in ({"ground": "claim"}, {"approved_by": carla}):
        with pytest.raises(IntegrityError), transaction.atomic():
            UnsealingRequest.objects.filter(pk=request.pk).update(**change)


def test_an_25_named_and_unknown_texts_are_not_asked_for(
    carla: Member, other_member: Member
) -> None:
    named = make_thread(other_member).posts.get()

    does_nothing(lambda: asked(carla, named), unsealing.Problem.POST)
    does_nothing(
        lambda: unsealing.ask(
            by=carla, post=None, ground="order", reason=REASON, code=next_code(carla)
        ),
        unsealing.Problem.POST,
    )


def test_second_request_for_the_same_text_waits_for_the_first(
    carla: Member, cees: Member, post: Post
) -> None:
    request = asked(carla, post)

    does_nothing(lambda: asked(cees, post), unsealing.Problem.TWICE)

    unsealing.refuse(by=cees, request=request, reason="Geen bevel gezien.")
    assert asked(cees, post).state == "asked"


def test_an_25_the_same_person_twice_does_nothing(carla: Member, post: Post) -> None:
    request = asked(carla, post)

    does_nothing(
        lambda: unsealing.approve(by=carla, request=request, code=next_code(carla)),
        unsealing.Problem.SAME,
    )


def test_an_25_approving_needs_a_code_and_the_askers_code_of_five_minutes(
    carla: Member, cees: Member, post: Post, clock: Traveller
) -> None:
    request = asked(carla, post)
    does_nothing(
        lambda: unsealing.approve(by=cees, request=request, code="123456"),
        unsealing.Problem.FACTOR,
    )
    clock.shift(5 * MINUTE + dt.timedelta(seconds=2))
    does_nothing(
        lambda: unsealing.approve(by=cees, request=request, code=next_code(cees)),
        unsealing.Problem.COLLEAGUE,
    )

    confirmed(carla, request)
    clock.shift(4 * MINUTE)
    unsealing.approve(by=cees, request=request, code=next_code(cees))

    assert request.state == "approved"
    assert request.stamps == {}


def test_an_25_asker_who_is_no_longer_custodian_counts_no_more(
    carla: Member, cees: Member, post: Post
) -> None:
    request = asked(carla, post)
    Member.objects.filter(pk=carla.pk).update(is_custodian=False)

    does_nothing(
        lambda: unsealing.approve(by=cees, request=request, code=next_code(cees)),
        unsealing.Problem.COLLEAGUE,
    )


@pytest.mark.parametrize("role", [{}, {"is_moderator": True}, {"is_operator": True}])
def test_an_25_nobody_but_a_custodian_can_do_anything(
    carla: Member, post: Post, role: dict[str, Any]
) -> None:
    other = make_member(display_name="Anders", **role)
    request = asked(carla, post)
    before = everything()

    for act in (
        lambda: unsealing.ask(
            by=other, post=post, ground="order", reason=REASON, code=""
        ),
        lambda: unsealing.confirm(by=other, request=request, code=""),
        lambda: unsealing.approve(by=other, request=request, code=""),
        lambda: unsealing.refuse(by=other, request=request, reason="nee"),
        lambda: unsealing.open_sealed(by=other, request=request, code=""),
        lambda: unsealing.show(by=other, request=request, code=""),
    ):
        with pytest.raises(PermissionDenied):
            act()

    assert everything() == before


def test_an_25_before_72_hours_nothing_opens(
    carla: Member, cees: Member, post: Post, clock: Traveller
) -> None:
    request = approved(carla, cees, post)
    clock.shift(72 * HOUR)
    confirmed(carla, request)

    does_nothing(
        lambda: unsealing.open_sealed(by=cees, request=request, code=next_code(cees)),
        unsealing.Problem.EARLY,
    )


def test_an_25_danger_does_not_wait_but_needs_both(
    carla: Member, cees: Member, post: Post, member: Member
) -> None:
    request = approved(carla, cees, post, ground=Ground.DANGER)
    does_nothing(
        lambda: unsealing.open_sealed(by=cees, request=request, code=next_code(cees)),
        unsealing.Problem.COLLEAGUE,
    )
    confirmed(carla, request)
    does_nothing(
        lambda: unsealing.open_sealed(by=cees, request=request, code="123456"),
        unsealing.Problem.FACTOR,
    )

    found = unsealing.open_sealed(by=cees, request=request, code=next_code(cees))

    assert found.member == member


def test_an_25_without_approval_nothing_opens(
    carla: Member, cees: Member, post: Post
) -> None:
    request = asked(carla, post, ground=Ground.DANGER)

    for by in (carla, cees):
        does_nothing(
            lambda by=by: unsealing.open_sealed(  # type: ignore[misc]
                by=by, request=request, code=next_code(by)
            ),
            unsealing.Problem.STATE,
        )


def test_an_25_a_third_custodian_neither_confirms_nor_opens(
    carla: Member, cees: Member, post: Post
) -> None:
    request = approved(carla, cees, post, ground=Ground.DANGER)
    third = make_custodian("Dora")

    does_nothing(
        lambda: unsealing.confirm(by=third, request=request, code=next_code(third)),
        unsealing.Problem.OUTSIDER,
    )
    confirmed(carla, request)
    does_nothing(
        lambda: unsealing.open_sealed(by=third, request=request, code=next_code(third)),
        unsealing.Problem.OUTSIDER,
    )


def test_an_25_expired_requests_do_nothing_and_the_end_is_a_link(
    carla: Member, cees: Member, post: Post, clock: Traveller
) -> None:
    request = asked(carla, post)
    clock.shift(dt.timedelta(days=7))

    with pytest.raises(ValidationError):
        unsealing.approve(by=cees, request=request, code=next_code(cees))

    assert kinds() == ["asked", "expired", "failed_approve"]
    request.refresh_from_db()
    assert (request.state, request.approved_by) == ("expired", None)
    does_nothing(
        lambda: unsealing.approve(by=cees, request=request, code=next_code(cees)),
        unsealing.Problem.EXPIRED,
    )


def test_an_25_an_approval_expires_too_and_the_nightly_job_writes_it_once(
    carla: Member, cees: Member, post: Post, clock: Traveller
) -> None:
    approved(carla, cees, post)
    clock.shift(73 * HOUR + dt.timedelta(days=7))

    assert [unsealing.expire(), unsealing.expire()] == [1, 0]
    assert kinds() == ["asked", "approved", "expired"]


def test_nightly_job_erases_proofs_that_ended(
    carla: Member, post: Post, clock: Traveller
) -> None:
    request = asked(carla, post)
    unsealing.expire()
    request.refresh_from_db()
    assert request.stamps
    clock.shift(6 * MINUTE)

    assert unsealing.expire() == 0

    request.refresh_from_db()
    assert request.stamps == {}


def test_an_25_refusals_are_in_the_record_with_their_words(
    carla: Member, cees: Member, post: Post
) -> None:
    request = asked(carla, post)
    does_nothing(
        lambda: unsealing.refuse(by=cees, request=request, reason=" "),
        unsealing.Problem.WORDS,
    )

    unsealing.refuse(by=cees, request=request, reason="Er is geen bevel.")

    assert kinds() == ["asked", "failed_refuse", "refused"]
    assert UnsealingLink.objects.get(number=3).reason == "Er is geen bevel."
    does_nothing(
        lambda: unsealing.approve(by=cees, request=request, code=next_code(cees)),
        unsealing.Problem.STATE,
    )


def test_an_25_result_is_shown_once_to_each_and_stored_nowhere(
    carla: Member, cees: Member, post: Post, member: Member
) -> None:
    named_before = sum(member.pk in str(row) for row in everything().values())
    request = opened(carla, cees, post)

    shown = unsealing.show(by=carla, request=request, code=next_code(carla))

    assert shown.member == member
    for by in (carla, cees):
        for verb in (unsealing.show, unsealing.open_sealed):
            does_nothing(
                lambda verb=verb, by=by: verb(  # type: ignore[misc]
                    by=by, request=request, code=next_code(by)
                ),
                unsealing.Problem.STATE,
            )
    assert sum(member.pk in str(row) for row in everything().values()) == named_before


def test_an_25_second_custodian_has_five_minutes(
    carla: Member, cees: Member, post: Post, clock: Traveller
) -> None:
    request = opened(carla, cees, post)
    clock.shift(5 * MINUTE + dt.timedelta(seconds=2))

    does_nothing(
        lambda: unsealing.show(by=carla, request=request, code=next_code(carla)),
        unsealing.Problem.STATE,
    )


def test_alias_of_nobody_is_not_found_and_nobody_is_told(
    carla: Member, cees: Member, post: Post, member: Member
) -> None:
    detach(member)

    request = opened(carla, cees, post)

    assert request.found is False
    assert UnsealingLink.objects.get(kind="opened").found is False
    assert telling.untold(member) == []


def test_secret_that_no_key_opens_gives_no_answer_instead_of_a_wrong_one(
    carla: Member, cees: Member, post: Post, member: Member
) -> None:
    MemberSecret.objects.filter(member=member).update(wrapped=b"x" * 60)
    request = approved(carla, cees, post, ground=Ground.DANGER)
    confirmed(carla, request)

    does_nothing(
        lambda: unsealing.open_sealed(by=cees, request=request, code=next_code(cees)),
        unsealing.Problem.KEYS,
    )


def test_without_a_key_ring_nothing_opens_and_nothing_crashes(
    carla: Member, cees: Member, post: Post, member: Member, settings: Any
) -> None:
    request = approved(carla, cees, post, ground=Ground.DANGER)
    confirmed(carla, request)
    settings.ALIAS_KEYS = ()

    does_nothing(
        lambda: unsealing.open_sealed(by=cees, request=request, code=next_code(cees)),
        unsealing.Problem.KEYS,
    )
    assert telling.untold(member) == []


@pytest.fixture
def chain(carla: Member, cees: Member, post: Post) -> list[str]:
    opened(carla, cees, post)
    assert record.verify_chain() is None
    return kinds()


@pytest.mark.parametrize(
    "change",
    [
        {"who": "Iemand anders"},
        {"who_id": "0" * 20},
        {"whom": "Iemand anders"},
        {"hour": NOON},
        {"reason": REASON + "."},
        {"ground": "order"},
        {"post_id": "0" * 20},
        {"request_id": "0" * 20},
        {"found": False},
        {"kind": "refused"},
        {"problem": "early"},
        {"ban_until": dt.date(2030, 1, 1)},
        {"previous": "0" * 64},
        {"hash": "0" * 64},
    ],
)
@pytest.mark.parametrize("number", [1, 2, 4])
def test_an_25_a_changed_link_is_found(
    chain: list[str], number: int, change: dict[str, Any]
) -> None:
    changed = UnsealingLink.objects.filter(number=number)
    before = changed.get()
    if all(getattr(before, name) == value for name, value in change.items()):
        return
    changed.update(**change)

    assert record.verify_chain() == number


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_25_a_missing_link_is_found_the_last_one_too(
    chain: list[str], number: int
) -> None:
    UnsealingLink.objects.filter(number=number).delete()

    assert record.verify_chain() == number


def test_an_25_loss_of_the_head_and_of_everything_before_it_is_found(
    chain: list[str], carla: Member, cees: Member
) -> None:
    UnsealingHead.objects.all().delete()
    assert record.verify_chain() == 1
    record.append(record.Kind.CONFIRMED, by=carla)
    assert record.verify_chain() is not None


def test_an_25_rewriting_a_link_with_its_own_hash_breaks_the_next(
    chain: list[str],
) -> None:
    link = UnsealingLink.objects.get(number=2)
    link.who = "Iemand anders"
    UnsealingLink.objects.filter(number=2).update(
        who=link.who, hash=record.hash_of(link)
    )

    assert record.verify_chain() == 3


def test_an_25_a_chain_made_anew_is_found_by_the_head_that_was_written_down(
    chain: list[str], carla: Member
) -> None:
    known = record.head()
    assert record.is_known(known)
    record.append(record.Kind.CONFIRMED, by=carla)
    assert record.is_known(known)

    UnsealingLink.objects.all().delete()
    UnsealingHead.objects.all().delete()
    for _ in chain:
        record.append(record.Kind.CONFIRMED, by=carla)

    assert record.verify_chain() is None
    assert not record.is_known(known)


def test_record_holds_when_a_custodian_leaves(
    chain: list[str], carla: Member, cees: Member
) -> None:
    Member.objects.filter(pk=carla.pk).update(display_name="Anders")
    assert record.verify_chain() is None

    cees.delete()

    assert record.verify_chain() is None


def test_an_25_notice_reaches_the_member_once_and_nobody_else(
    carla: Member,
    cees: Member,
    post: Post,
    member: Member,
    other_member: Member,
    client_for: ClientFor,
) -> None:
    request = opened(carla, cees, post)
    clients = {who.pk: client_for(who) for who in (member, other_member, carla, cees)}
    address = f"/mine/unsealings/{request.pk}/"

    told = {
        pk: (
            address in client.get("/notifications/").content.decode(),
            "/notifications/" in _main(client.get("/").content.decode()),
        )
        for pk, client in clients.items()
    }

    assert told.pop(member.pk) == (True, True)
    assert set(told.values()) == {(False, False)}
    for pk, client in clients.items():
        status = client.post(f"{address}read/").status_code
        assert status == (302 if pk == member.pk else 404)
    assert client_for(member).post(f"{address}read/").status_code == 302
    assert Notice.objects.count() == 1
    assert address not in clients[member.pk].get("/notifications/").content.decode()
    assert "/notifications/" not in _main(clients[member.pk].get("/").content.decode())


def _main(page: str) -> str:
    return page.split("<main")[1].split("</main>")[0]


def test_an_25_notice_names_the_text_after_the_password_only(
    carla: Member, cees: Member, post: Post, member: Member, client_for: ClientFor
) -> None:
    request = opened(carla, cees, post)
    client = client_for(member)

    page = _main(client.get("/notifications/").content.decode())

    assert post.pk not in page
    assert post.thread_id not in page
    assert post.thread.title not in page
    address = f"/mine/unsealings/{request.pk}/"
    assert client.get(address).status_code == 302
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    assert post.pk in client.get(address).content.decode()


def test_an_25_a_dated_ban_postpones_the_notice(
    carla: Member, cees: Member, post: Post, member: Member, clock: Traveller
) -> None:
    until = timezone.localdate() + dt.timedelta(days=30)
    request = approved(carla, cees, post, ban_until=until)
    clock.shift(73 * HOUR)
    confirmed(carla, request)
    unsealing.open_sealed(by=cees, request=request, code=next_code(cees))

    clock.move_to(dt.datetime(2026, 12, 23, 12, tzinfo=dt.UTC))
    assert telling.untold(member) == []
    clock.shift(dt.timedelta(days=1))
    assert telling.untold(member) == [request]


@pytest.mark.parametrize("days", [-1, 0])
def test_an_25_a_ban_has_a_day_to_come(carla: Member, post: Post, days: int) -> None:
    until = timezone.localdate() + dt.timedelta(days)
    does_nothing(lambda: asked(carla, post, ban_until=until), unsealing.Problem.BAN)


def test_an_25_danger_knows_no_ban(carla: Member, post: Post) -> None:
    until = timezone.localdate() + dt.timedelta(days=30)
    does_nothing(
        lambda: asked(carla, post, ground=Ground.DANGER, ban_until=until),
        unsealing.Problem.BAN,
    )


def test_notice_does_not_follow_a_replaced_secret(
    carla: Member, cees: Member, post: Post, member: Member
) -> None:
    opened(carla, cees, post)
    assert telling.untold(member)

    detach(member)

    assert telling.untold(member) == []


def test_pages_cost_one_query_more_and_not_one_per_record(
    carla: Member,
    cees: Member,
    post: Post,
    member: Member,
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(1):
        telling.untold(member)
    reader = make_member(display_name="Lezer")
    opened(carla, cees, post)
    reply = make_reply(make_member(), post.thread, under_alias=True)
    opened(carla, cees, reply)

    with django_assert_num_queries(1):
        telling.untold(reader)
    with django_assert_num_queries(2):
        telling.untold(member)
