from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from accounts import owner_mode
from accounts.drafts import list_drafts
from accounts.models import Member
from forum import (
    curating,
    delaying,
    leaving,
    live,
    posting,
    reacting,
    resting,
    search,
)
from forum.forms import new_form_key
from forum.models import AskedOutcome, Post, PostState, ReactionWord, Thread
from forum.models.details import ENDING, OF_OUTCOME
from forum.models.reasons import Hindrance
from tests.accounts.database import everything
from tests.factories import PASSWORD, make_member, make_outcome, make_reply, make_thread
from tests.people import ClientFor

SAID = "Ik heb het in het team gezegd, en toen kwam het los."


def page_of(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def owner(client: Any) -> Any:
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    return client


def fields(**told: str) -> dict[str, str]:
    return {"form_key": new_form_key(), "ending": "settled", "source": SAID, **told}


def quiet_for(thread: Thread, days: int) -> None:
    day = timezone.localdate() - dt.timedelta(days)
    Thread.objects.filter(pk=thread.pk).update(risen_on=day)


def test_author_by_name_tells_how_it_turned_out(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    number = thread.change_number
    client = client_for(member)

    page = page_of(client, f"/dilemmas/{thread.pk}/outcome/")
    answer = client.post(
        f"/dilemmas/{thread.pk}/outcome/", fields(ending="chafes", kept="Geduld.")
    )

    assert (
        f"{gettext('You post as <strong>%(name)s</strong>') % {'name': 'Marit'}}"
        in page
    )
    assert answer.status_code == 200
    told = thread.posts.get(kind="outcome")
    assert (told.author, told.alias, told.state) == (member, None, PostState.PUBLISHED)
    assert told.details == {ENDING: "chafes", "kept": "Geduld."}
    reading = page_of(client_for(other_member), f"/dilemmas/{thread.pk}/")
    assert SAID in reading
    assert gettext("I chose, and it still chafes") in reading
    assert gettext("Read how it turned out") in reading
    assert gettext("With outcome") in page_of(client_for(other_member), "/")
    frame = live.thread_changes(thread, number, "nl")
    assert [part["id"] for part in frame["parts"]] == ["thread-head", "thread-foot"]
    assert SAID in frame["parts"][1]["html"]


def test_one_choice_is_enough_and_is_needed(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    client = client_for(member)
    path = f"/dilemmas/{thread.pk}/outcome/"

    refused = client.post(path, fields(ending="", helped="Jullie vragen."))
    answer = client.post(path, fields(source=""))

    assert refused.status_code == 422
    assert gettext("Choose where it stands now.") in refused.content.decode()
    assert "Jullie vragen.</textarea>" in refused.content.decode()
    assert answer.status_code == 200
    thread.refresh_from_db()
    assert gettext("I am through it") in thread.fragments["nl"]["foot"]
    assert 'class="text"' not in thread.fragments["nl"]["foot"]


def test_owner_tells_under_the_alias_and_nobody_sees_who(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True)
    dilemma = thread.posts.get()
    client = owner(client_for(member))
    path = f"/mine/anonymous/{dilemma.pk}/outcome/"

    page = page_of(client, path)
    answer = client.post(path, fields())

    assert dilemma.alias is not None
    assert dilemma.alias.name in page
    assert member.display_name not in page.split("<main")[1].split("</main")[0]
    assert answer.status_code == 200
    told = thread.posts.get(kind="outcome")
    assert (told.author, told.alias) == (None, dilemma.alias)
    assert page_of(client_for(other_member), f"/posts/{told.pk}/").count(SAID) == 1


@pytest.mark.parametrize("under_alias", [False, True])
def test_nobody_else_can_tell_it(
    member: Member, other_member: Member, client_for: ClientFor, under_alias: bool
) -> None:
    thread = make_thread(member, under_alias=under_alias)
    dilemma = thread.posts.get()
    client = owner(client_for(other_member))
    before = Post.objects.count()

    assert client.post(f"/dilemmas/{thread.pk}/outcome/", fields()).status_code == 404
    path = f"/mine/anonymous/{dilemma.pk}/outcome/"
    assert client.post(path, fields()).status_code == 404
    with pytest.raises(PermissionDenied):
        make_outcome(other_member, thread)
    assert Post.objects.count() == before


def test_words_stay_in_the_form_when_the_conversation_was_closed_meanwhile(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    Thread.objects.filter(pk=thread.pk).update(is_locked=True)
    client = client_for(member)
    path = f"/dilemmas/{thread.pk}/outcome/"

    refused = client.post(path, fields())

    assert client.get(path).status_code == 404
    assert refused.status_code == 422
    assert f"{SAID}</textarea>" in refused.content.decode()
    assert not thread.posts.filter(kind="outcome").exists()


def test_declining_after_the_fifteen_minutes_asks_for_the_proof_and_keeps_no_draft(
    member: Member, client_for: ClientFor
) -> None:
    dilemma = make_thread(member, under_alias=True).posts.get()
    client = client_for(member)

    answer = client.post(f"/mine/anonymous/{dilemma.pk}/outcome/", {"decline": "1"})

    assert answer["Location"].startswith("/mine/anonymous/confirm/")
    assert list_drafts(member) == []


def test_reply_cannot_become_an_outcome(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)

    for by in (member, other_member):
        with pytest.raises(ValidationError):
            make_reply(by, thread, kind="outcome")
        answer = client_for(by).post(
            f"/dilemmas/{thread.pk}/replies/", fields(kind="outcome")
        )
        assert answer.status_code == 422
    assert not thread.posts.filter(kind="outcome").exists()


def test_it_is_told_once_and_a_form_that_is_sent_twice_gives_one(
    member: Member,
) -> None:
    thread = make_thread(member)
    dilemma = thread.posts.get()
    form_key = secrets.token_hex(16)
    told = {"by": member, "dilemma": dilemma, "source": SAID, "form_key": form_key}

    first = posting.add_outcome(details={ENDING: "settled"}, **told)  # type: ignore[arg-type]
    again = posting.add_outcome(details={ENDING: "settled"}, **told)  # type: ignore[arg-type]

    assert (again.post, again.is_resend) == (first.post, True)
    with pytest.raises(ValidationError):
        make_outcome(member, thread)
    assert thread.posts.filter(kind="outcome").count() == 1
    posting.withdraw_post(by=member, post=first.post)
    assert make_outcome(member, thread).is_online


def test_outcome_is_no_first_reply_and_stands_among_no_replies(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    make_outcome(member, thread)
    thread.refresh_from_db()

    page = page_of(client_for(other_member), f"/dilemmas/{thread.pk}/")

    assert not thread.has_replies
    assert thread.has_outcome
    assert page.count(SAID) == 1
    assert SAID not in page.split('id="replies"')[1].split("</section>")[0]


def test_edit_leaves_an_earlier_version_and_says_so(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    told = make_outcome(member, thread)
    client = client_for(member)

    page = page_of(client, f"/posts/{told.pk}/edit/")
    answer = client.post(
        f"/posts/{told.pk}/edit/",
        {"ending": "rests", "source": "Het is goed zo.", "version": "1"},
    )

    assert all(f'name="{name}"' in page for name in OF_OUTCOME)
    assert answer.status_code == 200
    told.refresh_from_db()
    thread.refresh_from_db()
    assert told.details == {ENDING: "rests"}
    foot = thread.fragments["nl"]["foot"]
    assert "Het is goed zo." in foot
    assert SAID not in foot
    history = page_of(client_for(other_member), f"/posts/{told.pk}/history/")
    assert SAID in history
    assert gettext("I am through it") in history


def test_word_about_it_shows_in_the_foot(member: Member, other_member: Member) -> None:
    thread = make_thread(member)
    told = make_outcome(member, thread)
    thread.refresh_from_db()
    number = thread.change_number

    reacting.react(by=other_member, post=told, word=ReactionWord.HELP)

    frame = live.thread_changes(thread, number, "nl")
    assert [part["id"] for part in frame["parts"]] == ["thread-head", "thread-foot"]
    thread.refresh_from_db()
    assert 'class="felt"' in thread.fragments["nl"]["foot"]
    assert thread.news_number == number


def test_withdrawn_dilemma_takes_it_along(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    told = make_outcome(member, thread, helped="Jullie vragen.")

    posting.withdraw_post(by=member, post=thread.posts.get(kind="dilemma"))

    told.refresh_from_db()
    thread.refresh_from_db()
    assert (told.state, told.source, told.details) == (PostState.WITHDRAWN, "", {})
    assert not thread.has_outcome
    assert SAID not in str(everything())
    assert "Jullie vragen." not in str(everything())


def test_it_does_not_show_without_its_dilemma(
    member: Member, other_member: Member, moderator: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    told = make_outcome(member, thread)
    dilemma = thread.posts.get(kind="dilemma")
    reader = client_for(other_member)

    hide(dilemma)

    assert SAID not in page_of(reader, f"/dilemmas/{thread.pk}/")
    assert reader.get(f"/posts/{told.pk}/").status_code == 404
    assert reader.get(f"/posts/{told.pk}/history/").status_code == 404
    assert search.find(other_member, search.read_question("kwam los")).hits == []
    assert SAID in page_of(client_for(member), f"/posts/{told.pk}/")


def hide(dilemma: Post) -> None:
    curating.hide(dilemma, version=dilemma.version, reason="R01", message="")


@pytest.fixture(autouse=True)
def _in_a_transaction(db: None) -> None:
    """`select_for_update` wants one, and a test has one."""


def test_who_leaves_takes_it_along_or_leaves_it_without_a_name(member: Member) -> None:
    other = make_member()
    kept, gone = make_thread(member), make_thread(other)
    stays, goes = make_outcome(member, kept), make_outcome(other, gone)
    hide(gone.posts.get(kind="dilemma"))

    leaving.let_go(by=member, keeps_named=True, keeps_anonymous=True)
    leaving.let_go(by=other, keeps_named=True, keeps_anonymous=True)

    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.state, stays.source) == (PostState.PUBLISHED, SAID)
    assert (goes.state, goes.source) == (PostState.WITHDRAWN, "")
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert SAID in kept.fragments["nl"]["foot"]
    assert SAID not in str(gone.fragments)


def test_later_it_appears_at_its_tick(member: Member) -> None:
    thread = make_thread(member, under_alias=True)
    tick = timezone.now() + dt.timedelta(hours=1)
    told = make_outcome(member, thread, release_at=tick)
    thread.refresh_from_db()
    assert SAID not in str(thread.fragments)
    assert not thread.has_outcome

    delaying.release_due(tick)

    told.refresh_from_db()
    thread.refresh_from_db()
    assert told.state == PostState.PUBLISHED
    assert SAID in thread.fragments["nl"]["foot"]


def test_later_it_comes_back_when_the_conversation_was_closed(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    tick = timezone.now() + dt.timedelta(hours=1)
    told = make_outcome(member, thread, release_at=tick)
    Thread.objects.filter(pk=thread.pk).update(is_locked=True)

    delaying.release_due(tick)

    told.refresh_from_db()
    assert (told.state, told.reason) == (PostState.RETURNED, Hindrance.CLOSED)
    refused = client_for(member).post(
        f"/posts/{told.pk}/edit/",
        {"ending": "rests", "source": SAID, "version": str(told.version)},
    )
    assert refused.status_code == 422
    assert SAID in refused.content.decode()
    assert (
        refused.content.decode().count(
            gettext("This conversation is closed. Your text is still in this form.")
        )
        >= 1
    )


def test_recognisable_details_are_told_first_and_then_read_by_a_moderator(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True)
    dilemma = thread.posts.get()
    client = owner(client_for(member))
    path = f"/mine/anonymous/{dilemma.pk}/outcome/"
    told = fields(source="", kept="Bel me maar op 06-12345678.")

    first = client.post(path, told)
    assert first.context["hints"].is_read_first
    second = client.post(path, {**told, "seen": first.context["hints"].seen})

    assert second.status_code == 200
    post = thread.posts.get(kind="outcome")
    assert post.state == PostState.HELD
    thread.refresh_from_db()
    assert "06-12345678" not in str(thread.fragments)
    assert not thread.has_outcome


def test_sent_after_the_fifteen_minutes_it_becomes_a_draft(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True)
    dilemma = thread.posts.get()
    client = owner(client_for(member))
    del client.cookies[owner_mode.COOKIE]
    path = f"/mine/anonymous/{dilemma.pk}/outcome/"

    answer = client.post(path, fields(kept="Geduld."))

    assert answer.status_code == 302
    (draft,) = list_drafts(member)
    assert draft.is_owned
    assert "outcome" not in page_of(client, "/drafts/")
    owner(client)
    assert f'href="{path}?draft={draft.slot}"' in page_of(client, "/drafts/")
    page = page_of(client, f"{path}?draft={draft.slot}")
    assert f"{SAID}</textarea>" in page
    assert "Geduld.</textarea>" in page


def test_author_is_asked_once_after_three_quiet_weeks(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    early, due, told = (make_thread(member) for _ in range(3))
    make_outcome(member, told)
    quiet_for(early, 20)
    quiet_for(due, 21)
    quiet_for(told, 30)
    before = everything()

    assert resting.ask_outcomes(timezone.localdate()) == 1
    assert resting.ask_outcomes(timezone.localdate()) == 0

    due.refresh_from_db()
    assert due.asked_outcome == AskedOutcome.ASKED
    changed = [table for table, rows in everything().items() if rows != before[table]]
    assert changed == ["forum_thread"]
    asked = gettext("How did it turn out?")
    page = page_of(client_for(member), "/notifications/")
    assert asked in page
    assert f"/posts/{due.posts.get().pk}/#ending-title" in page
    assert asked not in page_of(client_for(other_member), "/notifications/")
    make_reply(other_member, due)
    quiet_for(due, 40)
    assert resting.ask_outcomes(timezone.localdate()) == 0


def test_who_rather_does_not_tell_is_left_alone(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member)
    quiet_for(thread, 21)
    resting.ask_outcomes(timezone.localdate())
    client = client_for(member)
    number = thread.change_number

    answer = client.post(
        f"/dilemmas/{thread.pk}/outcome/", {"decline": "1"}, follow=True
    )

    assert answer.status_code == 200
    thread.refresh_from_db()
    assert (thread.asked_outcome, thread.change_number) == (AskedOutcome.OVER, number)
    page = page_of(client, "/notifications/")
    assert gettext("How did it turn out?") not in page
    assert resting.ask_outcomes(timezone.localdate()) == 0
    assert make_outcome(member, thread).is_online


def test_question_about_an_anonymous_dilemma_is_asked_behind_the_password_only(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True)
    dilemma = thread.posts.get()
    quiet_for(thread, 21)
    client = client_for(member)

    resting.ask_outcomes(timezone.localdate())

    asked = gettext("How did it turn out?")
    assert asked not in page_of(client, "/notifications/")
    assert asked not in page_of(client, f"/posts/{dilemma.pk}/")
    assert asked not in page_of(client, f"/dilemmas/{thread.pk}/")
    owner(client)
    assert asked in page_of(client, "/mine/anonymous/")
    assert asked in page_of(client, f"/mine/anonymous/{dilemma.pk}/")
    client.post(f"/mine/anonymous/{dilemma.pk}/outcome/", {"decline": "1"})
    assert asked not in page_of(client, "/mine/anonymous/")


def test_outcome_is_found_and_narrows(member: Member, other_member: Member) -> None:
    thread = make_thread(member)
    told = make_outcome(member, thread, helped="Een kruiwagen vol vragen.")

    found = search.find(
        other_member, search.read_question("kruiwagen"), has_outcome=True
    )

    assert [hit.post for hit in found.hits] == [told]
    assert not search.find(
        other_member, search.read_question("kruiwagen"), has_outcome=False
    ).hits
