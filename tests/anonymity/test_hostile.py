from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.drafts import list_drafts
from accounts.models import Application, Member
from forum.forms import new_form_key
from tests.factories import PASSWORD, SITUATION, make_member, make_reply, make_thread
from tests.people import ClientFor

LATE = "Intussen weet ik het wel."


def test_refusal_of_a_kind_does_not_tell_who_started_the_thread(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True, ask="questions")

    refusals = []
    for somebody in (member, other_member):
        page = client_for(somebody).post(
            f"/dilemmas/{thread.pk}/replies/",
            {"kind": "advice", "source": "Doe het.", "form_key": new_form_key()},
        )
        errors = re.search(r'id="errors".*?</div>', page.content.decode(), re.DOTALL)
        assert errors
        refusals.append((page.status_code, errors[0]))

    assert refusals[0] == refusals[1]


def expired_edit(member: Member, client: Client) -> str:
    post = make_thread(member, under_alias=True).posts.get()
    client.post(
        f"/mine/anonymous/{post.pk}/edit/",
        {"title": "Anders", "category": "team", "source": LATE, "version": "1"},
    )
    return post.pk


def test_text_that_came_too_late_is_shown_in_owner_mode_only(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    post_id = expired_edit(member, client)
    assert len(list_drafts(member)) == 1

    outside = client.get("/drafts/").content.decode()
    composer = client.get("/dilemmas/new/?draft=1").content.decode()
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    inside = client.get("/drafts/").content.decode()
    form = client.get(f"/mine/anonymous/{post_id}/edit/?draft=1").content.decode()

    assert "Anders" not in outside
    assert LATE not in composer
    assert "Anders" in inside
    assert LATE in form


def test_an_21_text_that_came_too_late_does_not_outlive_mailbox_recovery(
    member: Member, client_for: ClientFor
) -> None:
    from accounts.detaching import detach

    client = client_for(member)
    expired_edit(member, client)

    detach(Member.objects.get(pk=member.pk))

    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    assert "Anders" not in client.get("/drafts/").content.decode()
    assert LATE not in client.get("/dilemmas/new/?draft=1").content.decode()


def test_text_that_came_too_late_is_on_the_page_when_no_draft_fits(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    for number in range(10):
        client.post("/dilemmas/new/", {"keep": "1", "source": str(number)})
    post = make_thread(member, under_alias=True).posts.get()

    answer = client.post(
        f"/mine/anonymous/{post.pk}/edit/",
        {"title": "Anders", "category": "team", "source": LATE, "version": "1"},
    )

    assert LATE in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    ["/mine/anonymous/", "/mine/anonymous/{}/", "/mine/anonymous/{}/edit/"],
)
def test_an_12_owner_pages_without_a_ring_say_that_writing_is_closed(
    member: Member, client_for: ClientFor, settings: Any, address: str
) -> None:
    post = make_thread(member, under_alias=True).posts.get()
    client = client_for(member)
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    settings.ALIAS_KEYS = ()

    assert client.get(address.format(post.pk)).status_code == 503
    assert client.post("/drafts/1/delete/").status_code == 503


def test_title_that_normalising_makes_longer_still_fits(
    member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, under_alias=True, title="Wat nu … " + "x" * 111)

    assert len(thread.title) <= 120


@pytest.mark.parametrize("under_alias", ["", "on"])
@pytest.mark.parametrize("nothing", ["\u200b" * 250, "\u0001" * 250])
def test_text_without_words_is_refused(
    member: Member, client_for: ClientFor, under_alias: str, nothing: str
) -> None:
    answer = client_for(member).post(
        "/dilemmas/new/",
        {
            "title": "Volg ik het besluit?",
            "category": "team",
            "ask": "advice",
            "source": nothing,
            "is_clean": "on",
            "under_alias": under_alias,
            "form_key": new_form_key(),
        },
    )

    assert answer.status_code == 422


@pytest.mark.parametrize("answers", ["%00", "x" * 300, "0" * 20])
def test_forged_answer_is_no_answer(
    member: Member, other_member: Member, client_for: ClientFor, answers: str
) -> None:
    thread = make_thread(other_member)
    client = client_for(member)

    assert client.get(f"/dilemmas/{thread.pk}/?answer={answers}").status_code == 200
    sent = client.post(
        f"/dilemmas/{thread.pk}/replies/",
        {
            "kind": "question",
            "source": SITUATION,
            "answers": answers.replace("%00", "0"),
            "form_key": new_form_key(),
        },
    )
    assert sent.status_code == 200


def test_answer_to_an_answer_goes_to_the_reply_above_it(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(member)
    question = make_reply(other_member, thread)
    answer = make_reply(member, thread, answers=question)

    third = make_reply(other_member, thread, answers=answer)

    assert third.answers == question


@pytest.mark.parametrize("word", ["abc", "//elders.example", "https://elders.example"])
def test_way_back_leads_to_a_path_of_ours_only(
    member: Member, client_for: ClientFor, word: str
) -> None:
    client = client_for(member)

    chosen = client.post("/language/", {"language": "en", "next": word})
    confirmed = client.post(
        f"/mine/anonymous/confirm/?next={word}", {"password": PASSWORD}
    )

    assert (chosen.status_code, chosen["Location"]) == (302, "/")
    assert (confirmed.status_code, confirmed["Location"]) == (302, "/mine/anonymous/")


def test_moderator_of_the_same_board_is_refused_like_any_busy_one(
    member: Member, other_member: Member, moderator: Member
) -> None:
    from moderation.models import ReviewItem
    from moderation.permissions import is_party

    for somebody, board in (
        (member, "Stichting  Noord"),
        (moderator, "stichting noord"),
    ):
        Application.objects.create(
            member=somebody,
            full_name="x",
            work="director",
            proof_route="call",
            school="x",
            board=board,
            is_board_member=False,
        )
    thread = make_thread(other_member)
    items = {
        under_alias: ReviewItem.objects.create(
            post=make_reply(writer, thread, under_alias=under_alias)
        )
        for writer, under_alias in ((member, False), (make_member(), True))
    }
    own_board_alias = ReviewItem.objects.create(
        post=make_reply(member, make_thread(other_member), under_alias=True)
    )

    assert is_party(moderator, items[False])
    assert not is_party(moderator, items[True])
    assert not is_party(moderator, own_board_alias)


def test_moments_of_a_second_factor_are_kept_as_days(member: Member) -> None:
    from allauth.mfa.models import Authenticator
    from django.utils import timezone

    factor = Authenticator.objects.create(user=member, type="totp", data={})
    factor.record_usage()

    factor.refresh_from_db()
    for moment in (factor.created_at, factor.last_used_at):
        assert moment
        assert timezone.localtime(moment).strftime("%H:%M:%S.%f") == "00:00:00.000000"
