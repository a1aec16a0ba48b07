from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from accounts.limits import MOST_TEXTS, TooFast
from accounts.models import Member
from forum import posting
from forum.models import Alias, IdentityLock, Once, Post, PostState, ReplyKind, Thread
from tests.factories import SITUATION, make_member, make_reply, make_thread


def test_thread_under_alias_points_to_no_member(member: Member) -> None:
    thread = make_thread(member, under_alias=True)

    post = thread.posts.get()
    assert post.author_id is None
    assert post.alias is not None
    assert post.byline.is_alias
    assert thread.was_public
    assert thread.is_listed


def test_an_03_database_refuses_a_post_with_both_and_with_neither_author(
    member: Member,
) -> None:
    post = make_thread(member, under_alias=True).posts.get()

    for fields in ({"author": member}, {"alias": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Post.objects.filter(pk=post.pk).update(**fields)


def test_reply_of_the_starter_becomes_an_answer(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(member, under_alias=True)
    question = make_reply(other_member, thread)

    answer = make_reply(member, thread, under_alias=True, answers=question)

    assert answer.kind == ReplyKind.ANSWER
    assert answer.alias_id == thread.posts.get(kind="dilemma").alias_id


@pytest.mark.parametrize("first", [True, False])
def test_member_keeps_one_identity_in_a_thread(
    member: Member, other_member: Member, first: bool
) -> None:
    thread = make_thread(other_member)
    make_reply(member, thread, under_alias=first)

    with pytest.raises(ValidationError) as refusal:
        make_reply(member, thread, under_alias=not first)

    assert refusal.value.code == "identity_lock"
    assert thread.posts.count() == 2


def test_aliases_differ_between_threads_of_one_author(member: Member) -> None:
    threads = [make_thread(member, under_alias=True) for _ in range(3)]

    aliases = Alias.objects.filter(thread__in=threads)
    assert len({alias.tag for alias in aliases}) == 3


def test_same_form_sent_twice_is_one_post(member: Member, other_member: Member) -> None:
    thread = make_thread(other_member)
    form_key = secrets.token_hex(16)
    sent = [
        posting.add_reply(
            by=member,
            thread=thread,
            kind="question",
            source="Wat raakt je hierin het meest?",
            under_alias=True,
            form_key=form_key,
        )
        for _ in range(2)
    ]

    assert sent[0].post == sent[1].post
    assert [one.is_resend for one in sent] == [False, True]
    assert thread.posts.count() == 2


def in_parallel(*acts: Callable[[], object]) -> list[BaseException]:
    faults: list[BaseException] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except (ValidationError, PermissionDenied) as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


@pytest.mark.django_db(transaction=True)
def test_double_click_is_one_post() -> None:
    member = make_member()
    thread = make_thread(make_member())
    form_key = secrets.token_hex(16)

    def send() -> None:
        posting.add_reply(
            by=Member.objects.get(pk=member.pk),
            thread=thread,
            kind="question",
            source="Wat raakt je hierin het meest?",
            under_alias=False,
            form_key=form_key,
        )

    faults = in_parallel(*[send] * 4)

    assert not faults
    assert thread.posts.count() == 2
    assert Once.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_13_no_secret_gets_both_kinds_of_posts_in_a_race() -> None:
    member = make_member()
    thread = make_thread(make_member())

    def send(under_alias: bool) -> Callable[[], object]:
        return lambda: make_reply(
            Member.objects.get(pk=member.pk), thread, under_alias=under_alias
        )

    faults = in_parallel(*[send(number % 2 == 0) for number in range(8)])

    replies = thread.posts.exclude(kind="dilemma")
    assert len({reply.is_anonymous for reply in replies}) == 1
    assert len(faults) + replies.count() == 8
    assert IdentityLock.objects.count() == 2


def test_newcomer_by_name_waits_for_a_moderator(newcomer: Member) -> None:
    sent = posting.start_thread(
        by=newcomer,
        title="Volg ik het besluit?",
        category="team",
        ask="advice",
        source=SITUATION,
        under_alias=False,
        form_key="a",
    )

    assert sent.waits
    assert not Thread.objects.get().was_public


def test_newcomer_under_alias_does_not_wait(newcomer: Member) -> None:
    thread = make_thread(newcomer, under_alias=True)

    assert thread.is_listed


@pytest.mark.parametrize(
    "words",
    [
        "Mail me op marit@school.nl als je wilt.",
        "Bel me op 06-12345678 na schooltijd.",
        "Wij zitten op 1441 AB in het dorp.",
        "Ons nummer is 17XK bij de dienst.",
        "Volgens mij weet ik wie je bent.",
        "Ik ga dit bij je bestuur melden.",
    ],
)
@pytest.mark.parametrize("under_alias", [True, False])
def test_strong_finding_holds_a_reply(
    member: Member, other_member: Member, words: str, under_alias: bool
) -> None:
    thread = make_thread(other_member)

    reply = make_reply(member, thread, source=words, under_alias=under_alias)

    assert reply.state == PostState.HELD
    assert not Post.objects.visible_to(member).filter(pk=reply.pk).exists()


@pytest.mark.parametrize("under_alias", [True, False])
def test_premoderation_holds_anonymous_texts_only(
    member: Member, settings: object, under_alias: bool
) -> None:
    settings.PREMODERATE = "anonymous"  # type: ignore[attr-defined]  # the fixture

    sent = posting.start_thread(
        by=member,
        title="Volg ik het besluit?",
        category="team",
        ask="advice",
        source=SITUATION,
        under_alias=under_alias,
        form_key="a",
    )

    assert sent.waits == under_alias


def test_locked_thread_takes_no_reply(member: Member, other_member: Member) -> None:
    thread = make_thread(other_member)
    Thread.objects.update(is_locked=True)

    with pytest.raises(ValidationError):
        make_reply(member, thread)

    assert thread.posts.count() == 1


def test_kind_that_is_not_asked_for_is_refused(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member, ask="listen")

    for kind in ("advice", "perspective"):
        with pytest.raises(ValidationError):
            make_reply(member, thread, kind=kind)


def test_applicant_may_not_write(applicant: Member, member: Member) -> None:
    thread = make_thread(member)

    with pytest.raises(PermissionDenied):
        make_reply(applicant, thread)


def test_an_12_writing_without_key_ring_is_closed_and_writes_nothing(
    member: Member, other_member: Member, settings: object
) -> None:
    thread = make_thread(other_member)
    settings.ALIAS_KEYS = ()  # type: ignore[attr-defined]  # the fixture

    with pytest.raises(ValidationError) as refusal:
        make_reply(Member.objects.get(pk=member.pk), thread)

    assert refusal.value.code == "key_ring_missing"
    assert thread.posts.count() == 1


def test_flood_is_refused(member: Member, other_member: Member) -> None:
    thread = make_thread(other_member)
    for _ in range(MOST_TEXTS):
        make_reply(member, thread)

    with pytest.raises(TooFast):
        make_reply(member, thread)


def test_edit_is_conditional_on_the_version(member: Member) -> None:
    post = make_thread(member).posts.get()
    posting.edit_post(by=member, post=post, version=1, source=SITUATION + " Nu anders.")
    post.refresh_from_db()

    with pytest.raises(ValidationError):
        posting.edit_post(by=member, post=post, version=1, source=SITUATION)

    post.refresh_from_db()
    assert post.source.endswith("Nu anders.")
    assert post.version == 2


def test_nobody_edits_or_withdraws_for_another(
    member: Member, other_member: Member, moderator: Member
) -> None:
    for under_alias in (True, False):
        post = make_thread(member, under_alias=under_alias).posts.get()
        for somebody in (other_member, moderator):
            with pytest.raises(PermissionDenied):
                posting.edit_post(by=somebody, post=post, version=1, source=SITUATION)
            with pytest.raises(PermissionDenied):
                posting.withdraw_post(by=somebody, post=post)


def test_edit_with_a_finding_takes_the_text_offline_with_a_line(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    reply = make_reply(member, thread)

    posting.edit_post(
        by=member, post=reply, version=1, source="Bel me op 06-12345678 even."
    )

    reply.refresh_from_db()
    assert reply.state == PostState.HELD
    assert "06-12345678" not in reply.fragments["nl"]
    assert 'class="line-note"' in reply.fragments["nl"]


@pytest.mark.parametrize("under_alias", [True, False])
def test_an_27_withdrawn_text_stands_in_no_row_at_once(
    member: Member, other_member: Member, under_alias: bool
) -> None:
    thread = make_thread(member, under_alias=under_alias, title="Kanarie in de titel?")
    make_reply(other_member, thread)

    posting.withdraw_post(by=member, post=thread.posts.get(kind="dilemma"))

    thread.refresh_from_db()
    assert not thread.is_listed
    assert thread.was_public
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of tables
            rows = repr(cursor.fetchall())
            assert "Kanarie" not in rows
            assert "Daarna bleef het stil" not in rows


def test_withdrawing_twice_changes_nothing(member: Member) -> None:
    thread = make_thread(member)
    post = thread.posts.get()
    posting.withdraw_post(by=member, post=post)
    post.refresh_from_db()

    posting.withdraw_post(by=member, post=post)

    thread.refresh_from_db()
    assert thread.change_number == 2


def test_answer_to_an_answer_shows_whom_it_answers(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(member)
    question = make_reply(other_member, thread, source="Welke zin heb je ingeslikt?")

    answer = make_reply(member, thread, answers=question, source="Zes keer gedacht.")

    answer.refresh_from_db()
    assert "Welke zin heb je ingeslikt?" in answer.fragments["nl"]
    posting.withdraw_post(by=other_member, post=question)
    answer.refresh_from_db()
    assert "Welke zin" not in answer.fragments["nl"]


def test_posts_keep_the_hour_only(member: Member) -> None:
    post = make_thread(member).posts.get()

    assert post.written_at.minute == post.written_at.second == 0
    assert post.written_at.microsecond == 0
