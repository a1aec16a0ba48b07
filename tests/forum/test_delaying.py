from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Member
from directeurskamer import serving
from forum import delaying, posting
from forum.models import Ask, Hindrance, Post, PostState, ReplyKind, Thread
from forum.notifying import news_for
from moderation.models import ReviewItem
from tests.factories import SITUATION, make_member, make_reply, make_thread

NOW = dt.datetime(2026, 11, 24, 10, 3, 20, tzinfo=dt.UTC)
TICK = dt.datetime(2026, 11, 24, 14, 25, tzinfo=dt.UTC)
FOUND = "Bel me op 06-12345678 na schooltijd."


def at_tick() -> list[delaying.Released]:
    with time_machine.travel(TICK, tick=False):
        return delaying.release_due(TICK)


def states(*posts: Post) -> list[str]:
    return [Post.objects.get(pk=post.pk).state for post in posts]


def command() -> list[str]:
    lines = StringIO()
    call_command("release_delayed", stdout=lines)
    return lines.getvalue().splitlines()


def test_ticks_are_uniform_over_the_next_six_hours() -> None:
    source = random.Random(33)  # noqa: S311 - the test's own, so that it repeats
    drawn = Counter(delaying.draw_tick(NOW, source) for _ in range(7200))

    first = NOW.replace(minute=5, second=0)
    expected = {first + number * dt.timedelta(minutes=5) for number in range(72)}
    assert set(drawn) == expected
    # Chi-square with 71 degrees of freedom: 112.3 is passed once in a thousand draws.
    assert sum((count - 100) ** 2 / 100 for count in drawn.values()) < 112.3


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        NOW.replace(minute=0, second=0),
        NOW.replace(minute=4, second=59, microsecond=999_999),
        NOW.replace(hour=23, minute=58),
    ],
)
def test_tick_is_on_the_clock_ahead_and_within_six_hours(now: dt.datetime) -> None:
    for _ in range(500):
        tick = delaying.draw_tick(now)

        assert now < tick <= now + dt.timedelta(hours=6)
        assert (tick.minute % 5, tick.second, tick.microsecond) == (0, 0, 0)


@pytest.mark.parametrize("under_alias", [True, False])
def test_delayed_dilemma_appears_at_its_tick_and_once(
    member: Member, under_alias: bool
) -> None:
    thread = make_thread(member, under_alias=under_alias, release_at=TICK)
    assert (thread.was_public, thread.is_listed, thread.change_number) == (0, 0, 0)
    assert delaying.release_due(TICK - dt.timedelta(seconds=1)) == []

    first, second = at_tick(), at_tick()

    post = thread.posts.get()
    thread.refresh_from_db()
    assert first == [delaying.Released(post.pk, "published")]
    assert second == []
    assert (thread.was_public, thread.is_listed, thread.change_number) == (1, 1, 1)
    assert post.release_at is None
    assert post.written_at == TICK.replace(minute=0)
    assert post.fragments["nl"]


def test_delayed_reply_takes_its_place_at_the_release(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    delayed = make_reply(member, thread, under_alias=True, release_at=TICK)
    later = make_reply(other_member, thread)
    thread.refresh_from_db()
    assert thread.change_number == 2

    at_tick()

    delayed.refresh_from_db()
    thread.refresh_from_db()
    assert (later.published_number, delayed.published_number) == (2, 3)
    assert (thread.change_number, thread.has_replies) == (3, True)


def test_release_after_its_tick_bears_the_hour_of_the_release(member: Member) -> None:
    thread = make_thread(member, release_at=TICK)
    late = TICK + dt.timedelta(hours=3)

    delaying.release_due(late)

    assert thread.posts.get().written_at == late.replace(minute=0)


def test_digest_counts_from_the_release(member: Member, other_member: Member) -> None:
    delayed = make_thread(member, release_at=TICK)
    other = make_thread(other_member)

    at_tick()

    delayed.refresh_from_db()
    assert delayed.published_number == other.published_number + 1


def test_database_keeps_a_tick_with_a_delayed_text_only(member: Member) -> None:
    delayed = make_thread(member, release_at=TICK).posts.get()
    published = make_thread(member).posts.get()

    for post, tick in ((delayed, None), (published, TICK)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Post.objects.filter(pk=post.pk).update(release_at=tick)


def test_same_form_sent_twice_is_one_delayed_text(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    sent = [
        posting.add_reply(
            by=member,
            thread=thread,
            kind="question",
            source="Wat raakt je hierin het meest?",
            under_alias=True,
            form_key="a",
            release_at=tick,
        )
        for tick in (TICK, None)
    ]

    assert [one.is_resend for one in sent] == [False, True]
    assert sent[1].comes_later
    assert thread.posts.count() == 2


def test_identity_holds_from_the_sending_on(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    make_reply(member, thread, under_alias=True, release_at=TICK)

    with pytest.raises(ValidationError) as refusal:
        make_reply(member, thread)

    assert refusal.value.code == "identity_lock"


@pytest.mark.parametrize(
    ("change", "kind", "hindrance"),
    [
        ({"is_locked": True}, ReplyKind.SUPPORT, Hindrance.CLOSED),
        ({"is_listed": False}, ReplyKind.SUPPORT, Hindrance.CLOSED),
        ({"ask": Ask.LISTEN}, ReplyKind.ADVICE, Hindrance.NOT_ASKED),
    ],
)
@pytest.mark.parametrize("under_alias", [True, False])
def test_what_has_no_place_at_its_tick_goes_back_to_its_author(
    member: Member,
    other_member: Member,
    change: dict[str, Any],
    kind: str,
    hindrance: Hindrance,
    under_alias: bool,
) -> None:
    thread = make_thread(other_member)
    reply = make_reply(
        member, thread, kind=kind, under_alias=under_alias, release_at=TICK
    )
    Thread.objects.update(**change)

    assert at_tick() == [delaying.Released(reply.pk, "returned")]

    reply.refresh_from_db()
    thread.refresh_from_db()
    assert (reply.state, reply.hindrance) == (PostState.RETURNED, hindrance.label)
    assert (reply.release_at, reply.was_public, reply.fragments) == (None, False, {})
    assert thread.change_number == 1
    assert not ReviewItem.objects.exists()
    told = [post.pk for post in news_for(member).posts]
    assert told == ([] if under_alias else [reply.pk])


def test_text_whose_named_author_may_not_write_any_more_goes_back(
    member: Member, other_member: Member
) -> None:
    dilemma = make_thread(member, release_at=TICK).posts.get()
    reply = make_reply(member, make_thread(other_member), release_at=TICK)
    Member.objects.filter(pk=member.pk).update(is_active=False)

    at_tick()

    assert states(dilemma, reply) == [PostState.RETURNED] * 2
    reply.refresh_from_db()
    assert reply.hindrance == Hindrance.MAY_NOT_WRITE.label


def test_anonymous_text_appears_whoever_wrote_it(
    member: Member, newcomer: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    posts = [
        make_reply(by, thread, under_alias=True, release_at=TICK)
        for by in (member, newcomer)
    ]
    Member.objects.filter(pk=member.pk).update(is_active=False)

    at_tick()

    assert states(*posts) == [PostState.PUBLISHED] * 2


def test_moderator_knows_of_a_finding_at_the_tick_and_not_before(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    reply = make_reply(member, thread, under_alias=True, source=FOUND, release_at=TICK)
    assert states(reply) == [PostState.DELAYED]
    assert not ReviewItem.objects.exists()

    assert at_tick() == [delaying.Released(reply.pk, "held")]

    assert ReviewItem.objects.get().post_id == reply.pk


def test_newcomer_and_premoderation_are_asked_at_the_tick(
    newcomer: Member, member: Member, settings: Any
) -> None:
    named = make_thread(newcomer, release_at=TICK).posts.get()
    anonymous = make_thread(member, under_alias=True, release_at=TICK).posts.get()
    settings.PREMODERATE = "anonymous"

    at_tick()

    assert states(named, anonymous) == [PostState.HELD] * 2


@pytest.mark.parametrize("under_alias", [True, False])
def test_edit_before_the_tick_keeps_the_tick(member: Member, under_alias: bool) -> None:
    thread = make_thread(member, under_alias=under_alias, release_at=TICK)
    post = thread.posts.get()

    posting.edit_post(
        by=member,
        post=post,
        version=1,
        source=SITUATION + " Nu anders.",
        title="Volg ik het besluit, of toch niet?",
        category="team",
    )

    post.refresh_from_db()
    assert (post.state, post.release_at) == (PostState.DELAYED, TICK)
    at_tick()
    thread.refresh_from_db()
    assert "Nu anders." in thread.posts.get().fragments["nl"]
    assert "of toch niet?" in thread.fragments["nl"]["head"]


def test_edit_that_began_before_the_tick_is_refused_after_it(
    member: Member, other_member: Member
) -> None:
    reply = make_reply(member, make_thread(other_member), release_at=TICK)
    at_tick()

    with pytest.raises(ValidationError):
        posting.edit_post(by=member, post=reply, version=1, source="Te laat.")


@pytest.mark.parametrize("under_alias", [True, False])
def test_withdrawn_before_the_tick_never_appears(
    member: Member, under_alias: bool
) -> None:
    thread = make_thread(member, under_alias=under_alias, release_at=TICK)
    post = thread.posts.get()

    posting.withdraw_post(by=member, post=post)

    assert at_tick() == []
    post.refresh_from_db()
    thread.refresh_from_db()
    assert (post.state, post.source) == (PostState.WITHDRAWN, "")
    assert (thread.title, thread.was_public) == ("", False)


def test_nobody_edits_or_withdraws_a_delayed_text_of_another(
    member: Member, other_member: Member
) -> None:
    post = make_thread(member, under_alias=True, release_at=TICK).posts.get()

    with pytest.raises(PermissionDenied):
        posting.edit_post(by=other_member, post=post, version=1, source=SITUATION)
    with pytest.raises(PermissionDenied):
        posting.withdraw_post(by=other_member, post=post)


def test_what_came_back_is_sent_again_as_another_kind(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    reply = make_reply(member, thread, kind=ReplyKind.ADVICE, release_at=TICK)
    Thread.objects.update(ask=Ask.LISTEN)
    at_tick()
    reply.refresh_from_db()

    with pytest.raises(ValidationError):
        posting.edit_post(by=member, post=reply, version=1, source="Toch een tip.")
    posting.edit_post(
        by=member, post=reply, version=1, source="Sterkte.", kind=ReplyKind.SUPPORT
    )

    reply.refresh_from_db()
    assert (reply.state, reply.kind) == (PostState.PUBLISHED, ReplyKind.SUPPORT)
    assert (reply.hindrance, reply.published_number) == ("", 2)


def test_what_came_back_is_not_sent_into_a_closed_conversation(
    member: Member, other_member: Member
) -> None:
    reply = make_reply(
        member, make_thread(other_member), under_alias=True, release_at=TICK
    )
    Thread.objects.update(is_locked=True)
    at_tick()
    reply.refresh_from_db()

    with pytest.raises(ValidationError):
        posting.edit_post(by=member, post=reply, version=1, source="Nog eens.")
    assert states(reply) == [PostState.RETURNED]

    posting.withdraw_post(by=member, post=reply)
    assert states(reply) == [PostState.WITHDRAWN]


def test_what_came_back_is_read_first_when_a_check_finds_something(
    member: Member, other_member: Member
) -> None:
    reply = make_reply(member, make_thread(other_member), release_at=TICK)
    Thread.objects.update(is_locked=True)
    at_tick()
    Thread.objects.update(is_locked=False)
    reply.refresh_from_db()

    posting.edit_post(by=member, post=reply, version=1, source=FOUND)

    assert states(reply) == [PostState.HELD]


def test_without_key_ring_texts_keep_waiting(member: Member, settings: Any) -> None:
    post = make_thread(member, release_at=TICK).posts.get()
    ring, settings.ALIAS_KEYS = settings.ALIAS_KEYS, ()

    assert at_tick() == []
    assert states(post) == [PostState.DELAYED]

    settings.ALIAS_KEYS = ring
    assert len(at_tick()) == 1


def test_text_that_fails_holds_up_no_other(
    member: Member, other_member: Member, caplog: Any
) -> None:
    broken = make_thread(member, release_at=TICK - delaying.TICK).posts.get()
    sound = make_thread(other_member, release_at=TICK).posts.get()
    # A theme that no longer exists cannot be shown on a card.
    Thread.objects.filter(pk=broken.thread_id).update(ask="gone")

    assert at_tick() == [
        delaying.Released(broken.pk, "failed"),
        delaying.Released(sound.pk, "published"),
    ]

    assert states(broken, sound) == [PostState.DELAYED, PostState.PUBLISHED]
    assert broken.pk in caplog.text


def test_command_tells_each_text_and_a_total_and_runs_twice(
    member: Member, other_member: Member
) -> None:
    past = timezone.now() - delaying.TICK
    published = make_thread(member, release_at=past).posts.get()
    held = make_reply(
        member, make_thread(other_member), source=FOUND, release_at=past - delaying.TICK
    )

    assert command() == [
        f"{held.pk}: held",
        f"{published.pk}: published",
        "2 delayed texts released.",
    ]
    assert command() == ["0 delayed texts released."]


def test_worker_releases_every_minute_and_before_the_digests(member: Member) -> None:
    past = timezone.now() - delaying.TICK
    post = make_thread(make_member(), release_at=past).posts.get()
    jobs = [job for _every, job in serving.JOBS]
    assert (60, serving.release_delayed) in serving.JOBS
    assert jobs.index(serving.release_delayed) < jobs.index(serving.send_digests)

    serving.release_delayed()

    assert states(post) == [PostState.PUBLISHED]


def test_day_of_a_thread_is_that_of_its_tick(member: Member) -> None:
    # Midnight in the Netherlands lies between the two.
    tick = TICK.replace(hour=23, minute=5)
    with time_machine.travel(tick - dt.timedelta(hours=3), tick=False):
        thread = make_thread(member, under_alias=True, release_at=tick)

    assert thread.risen_on == dt.date(2026, 11, 25)
