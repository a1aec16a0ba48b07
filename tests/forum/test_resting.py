from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Member
from forum import live, resting
from forum.forms import new_form_key
from forum.models import Thread
from tests.factories import PASSWORD, make_outcome, make_reply, make_thread
from tests.people import ClientFor

LINE = "This conversation rests: nobody wrote here for a long time. You can read it; its writer can wake it."


def page_of(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def quiet_for(thread: Thread, days: int) -> Thread:
    day = timezone.localdate() - dt.timedelta(days)
    Thread.objects.filter(pk=thread.pk).update(risen_on=day)
    thread.refresh_from_db()
    return thread


def rested(thread: Thread) -> Thread:
    quiet_for(thread, 60)
    assert resting.rest_quiet(timezone.localdate()) == 1
    thread.refresh_from_db()
    return thread


def test_thread_rests_after_sixty_quiet_days_and_not_before(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    young, old = (make_thread(member) for _ in range(2))
    quiet_for(young, 59)

    rested(old)

    young.refresh_from_db()
    assert (young.is_resting, old.is_resting) == (False, True)
    page = page_of(client_for(other_member), f"/dilemmas/{old.pk}/")
    assert gettext(LINE) in page
    assert 'name="kind"' not in page
    assert gettext("At rest") in page_of(client_for(other_member), "/")
    assert resting.rest_quiet(timezone.localdate()) == 0


def test_rest_is_no_news_and_moves_nothing(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    make_thread(member)
    reader = client_for(other_member)
    reader.post(f"/dilemmas/{thread.pk}/subscription/", {"on": "1"})
    reader.post(f"/dilemmas/{thread.pk}/read/", {"number": "1"})
    before = quiet_for(thread, 60)

    after = rested(Thread.objects.get(pk=thread.pk))

    assert after.change_number == before.change_number + 1
    assert after.news_number == before.news_number
    assert after.risen_number == before.risen_number
    assert after.risen_on == before.risen_on
    assert thread.title not in page_of(reader, "/notifications/").split("<main")[1]
    frame = live.thread_changes(after, before.change_number, "nl")
    assert [part["id"] for part in frame["parts"]] == ["thread-head", "thread-foot"]


def test_reply_in_a_resting_thread_is_refused_and_its_text_kept(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = rested(make_thread(member))

    answer = client_for(other_member).post(
        f"/dilemmas/{thread.pk}/replies/",
        {"kind": "question", "source": "Hoe is het nu?", "form_key": new_form_key()},
    )

    assert answer.status_code == 422
    assert "Hoe is het nu?</textarea>" in answer.content.decode()
    assert thread.posts.count() == 1
    with pytest.raises(ValidationError):
        make_reply(member, thread)


def test_outcome_can_be_told_of_a_resting_thread(member: Member) -> None:
    thread = rested(make_thread(member))

    assert make_outcome(member, thread).is_online
    thread.refresh_from_db()
    assert thread.is_resting


def test_author_by_name_wakes_it(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = rested(make_thread(member))
    newer = make_thread(member, title="Wat doe ik met deze klacht?")
    dilemma = thread.posts.get()
    client = client_for(member)
    path = f"/dilemmas/{thread.pk}/wake/"

    assert f'action="{path}"' in page_of(client, f"/posts/{dilemma.pk}/")
    answer = client.post(path, follow=True)

    assert gettext("Your conversation is open again.") in answer.content.decode()
    thread.refresh_from_db()
    assert not thread.is_resting
    assert thread.risen_number > newer.risen_number
    assert resting.rest_quiet(timezone.localdate()) == 0
    assert make_reply(other_member, thread).is_online
    assert f'action="{path}"' not in page_of(client, f"/posts/{dilemma.pk}/")


def test_owner_wakes_it_behind_the_password(
    member: Member, client_for: ClientFor
) -> None:
    thread = rested(make_thread(member, under_alias=True))
    dilemma = thread.posts.get()
    client = client_for(member)
    path = f"/mine/anonymous/{dilemma.pk}/wake/"

    assert "wake/" not in page_of(client, f"/posts/{dilemma.pk}/")
    assert "wake/" not in page_of(client, f"/dilemmas/{thread.pk}/")
    assert client.post(path).status_code == 302
    thread.refresh_from_db()
    assert thread.is_resting
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    assert f'action="{path}"' in page_of(client, f"/mine/anonymous/{dilemma.pk}/")
    client.post(path)

    thread.refresh_from_db()
    assert not thread.is_resting


@pytest.mark.parametrize("under_alias", [False, True])
def test_nobody_else_wakes_it(
    member: Member, other_member: Member, client_for: ClientFor, under_alias: bool
) -> None:
    thread = rested(make_thread(member, under_alias=under_alias))
    dilemma = thread.posts.get()
    client = client_for(other_member)
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})

    assert client.post(f"/dilemmas/{thread.pk}/wake/").status_code == 404
    assert client.post(f"/mine/anonymous/{dilemma.pk}/wake/").status_code == 404
    with pytest.raises(PermissionDenied):
        resting.wake(by=other_member, dilemma=dilemma)
    thread.refresh_from_db()
    assert thread.is_resting


def test_locked_thread_stays_as_it_is(member: Member) -> None:
    thread = make_thread(member)
    quiet_for(thread, 90)
    Thread.objects.filter(pk=thread.pk).update(is_locked=True)

    assert resting.rest_quiet(timezone.localdate()) == 0


def test_command_tells_what_it_did(member: Member, capsys: Any) -> None:
    quiet_for(make_thread(member), 60)

    call_command("rest_threads")
    first = capsys.readouterr().out
    call_command("rest_threads")

    assert re.findall(r"^\d+", first, re.M) == ["1", "1"]
    assert re.findall(r"^\d+", capsys.readouterr().out, re.M) == ["0", "0"]


@pytest.mark.django_db(transaction=True)
def test_reply_that_comes_first_keeps_it_awake(
    member: Member, other_member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply between the look and the lock: the thread is looked at again."""
    thread = quiet_for(make_thread(member), 60)
    lock = live.lock_thread

    def late(found: Thread) -> Thread:
        monkeypatch.setattr(live, "lock_thread", lock)
        make_reply(other_member, Thread.objects.get(pk=thread.pk))
        return lock(found)

    monkeypatch.setattr(live, "lock_thread", late)

    assert resting.rest_quiet(timezone.localdate()) == 0
    thread.refresh_from_db()
    assert not thread.is_resting
    assert connection.in_atomic_block is False


@pytest.fixture(autouse=True)
def _in_a_transaction(db: None) -> None:
    """`select_for_update` wants one, and a test has one."""
