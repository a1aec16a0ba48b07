from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import LEFT_ID, Member
from accounts.signals import access_ended
from directeurskamer.leaving import leave
from forum import curating
from forum.forms import new_form_key
from forum.models import Post, ScheduledRemoval, Thread
from moderation import deciding
from moderation.flagging import flag_post
from moderation.models import ReviewItem
from tests.accounts.database import everything
from tests.accounts.entering import give_second_factor
from tests.anonymity.test_traces import owner_client
from tests.factories import make_member, make_reply, make_thread
from tests.people import ClientFor

STAY = {"named": "keep", "anonymous": "keep", "is_sure": "on"}
LEFT = {"nl": "Iemand die weg is", "en": "Somebody who left"}


def gone(member: Member) -> bool:
    return not Member.objects.filter(pk=member.pk).exists()


def test_named_texts_stay_without_their_name_on_page_card_and_in_changes(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, title="Wat blijft er van mij over?")
    reply = make_reply(member, make_thread(other_member), source="Mijn woorden.")
    owner_client(client_for(member)).post("/settings/leave/", STAY)
    reader = client_for(other_member)

    for address in (
        "/",
        f"/dilemmas/{thread.pk}/",
        f"/dilemmas/{reply.thread_id}/",
        f"/posts/{reply.pk}/",
        "/changes/?after=0",
        f"/dilemmas/{thread.pk}/changes/?after=0",
    ):
        page = reader.get(address).content.decode()
        assert member.display_name not in page, address
    assert "Mijn woorden." in reader.get(f"/posts/{reply.pk}/").content.decode()
    assert "Wat blijft er van mij over?" in reader.get("/").content.decode()
    stored = Thread.objects.get(pk=thread.pk).fragments["en"]["card"]
    assert LEFT["en"] in stored
    assert LEFT["en"] in Post.objects.get(pk=reply.pk).fragments["en"]


def test_everybody_who_left_is_the_same_nobody(db: None) -> None:
    leavers = [make_member(), make_member()]
    posts = [make_thread(each).posts.get() for each in leavers]

    for each in leavers:
        leave(by=each, keeps_named=True, keeps_anonymous=True)

    authors = {Post.objects.get(pk=post.pk).author_id for post in posts}
    assert authors == {LEFT_ID}
    nobody = Member.objects.get(pk=LEFT_ID)
    assert not nobody.is_active
    assert not nobody.is_admitted
    assert not nobody.has_usable_password()
    assert not hasattr(nobody, "membersecret")
    assert not hasattr(nobody, "shelf")


def test_named_texts_go_when_the_member_wants_that(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(member, title="Wat verdwijnt er met mij?")
    answered = make_reply(other_member, thread, source="Van een ander.")
    told = {**STAY, "named": "go"}

    owner_client(client_for(member)).post("/settings/leave/", told)

    page = client_for(other_member).get(f"/dilemmas/{thread.pk}/").content.decode()
    assert "Wat verdwijnt er met mij?" not in page
    assert answered.source in page
    assert Post.objects.get(thread=thread, kind="dilemma").source == ""


def test_change_is_told_once_to_who_reads_along(
    member: Member, other_member: Member
) -> None:
    thread = make_thread(other_member)
    replies = [make_reply(member, thread) for _ in range(3)]
    before = Thread.objects.get(pk=thread.pk).change_number

    leave(by=member, keeps_named=True, keeps_anonymous=True)

    assert Thread.objects.get(pk=thread.pk).change_number == before + 1
    numbers = Post.objects.filter(pk__in=[reply.pk for reply in replies])
    assert set(numbers.values_list("changed_number", flat=True)) == {before + 1}


@pytest.mark.parametrize("act", ["hide", "send_back"])
def test_text_that_nobody_can_answer_for_any_more_goes(
    member: Member, other_member: Member, act: str
) -> None:
    post = make_reply(member, make_thread(other_member))
    offline: Any = getattr(curating, act)
    offline(post, version=1, reason="R03", message="Hallo Marit,")

    leave(by=member, keeps_named=True, keeps_anonymous=True)

    post.refresh_from_db()
    assert (post.state, post.source, post.message) == ("withdrawn", "", "")


def test_text_that_waits_leaves_the_queue(newcomer: Member) -> None:
    make_thread(newcomer)
    assert ReviewItem.objects.filter(state="open").exists()

    leave(by=newcomer, keeps_named=True, keeps_anonymous=True)

    assert not ReviewItem.objects.exclude(state="closed").exists()


def test_removed_text_stays_removed_and_its_words_go(
    member: Member, other_member: Member
) -> None:
    post = make_thread(member, title="Een titel die niet mocht?").posts.get()
    curating.remove(post, version=1, reason="R07", message="Hallo Marit,")

    leave(by=member, keeps_named=True, keeps_anonymous=True)

    post.refresh_from_db()
    assert (post.state, post.source, post.reason) == ("removed", "", "R07")
    assert post.thread.title == ""
    assert "Een titel" not in str(post.thread.fragments)


@pytest.mark.parametrize("missing", ["named", "anonymous", "is_sure"])
def test_nothing_is_chosen_beforehand_and_every_choice_is_asked(
    member: Member, client_for: ClientFor, missing: str
) -> None:
    client = owner_client(client_for(member))
    before = everything()
    told = {name: value for name, value in STAY.items() if name != missing}

    shown = client.get("/settings/leave/").content.decode()
    answer = client.post("/settings/leave/", told)

    assert " checked" not in shown
    assert answer.status_code == 422
    assert 'id="errors"' in answer.content.decode()
    assert everything() == before


def test_leaving_asks_for_the_password_first(
    member: Member, client_for: ClientFor
) -> None:
    answer = client_for(member).post("/settings/leave/", STAY)

    assert answer["Location"].startswith("/mine/anonymous/confirm/")
    assert not gone(member)


def test_page_is_the_same_for_who_wrote_anonymously_and_who_did_not(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    make_thread(member, under_alias=True)
    pages = [
        owner_client(client_for(each)).get("/settings/leave/").content.decode()
        for each in (member, other_member)
    ]

    without_keys = [
        [line for line in page.splitlines() if "csrf" not in line] for page in pages
    ]
    assert without_keys[0] == without_keys[1]


def test_who_left_is_signed_out_everywhere_and_sockets_are_told(
    member: Member, client_for: ClientFor
) -> None:
    ended: list[str] = []

    def listen(member_id: str, **kwargs: Any) -> None:
        ended.append(member_id)

    access_ended.connect(listen)
    client, elsewhere = owner_client(client_for(member)), client_for(member)

    answer = client.post("/settings/leave/", STAY)

    assert answer.status_code == 200
    assert gone(member)
    assert set(ended) == {member.pk}
    assert client.get("/mine/").status_code == 302
    assert elsewhere.get("/mine/").status_code == 302
    assert "owner" not in client.cookies or not client.cookies["owner"].value


def test_second_answer_to_leaving_changes_nothing(
    member: Member, client_for: ClientFor
) -> None:
    client = owner_client(client_for(member))
    client.post("/settings/leave/", STAY)
    before = everything()

    assert client.post("/settings/leave/", STAY).status_code == 403
    with pytest.raises(PermissionDenied):
        leave(by=member, keeps_named=True, keeps_anonymous=True)
    assert everything() == before


def test_text_sent_from_another_tab_after_leaving_is_handed_back(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    client = client_for(member)
    leave(by=member, keeps_named=True, keeps_anonymous=True)

    answer = client.post(
        f"/dilemmas/{thread.pk}/replies/",
        {"kind": "question", "source": "Te laat.", "form_key": new_form_key()},
    )

    assert answer.status_code == 403
    assert "Te laat." in answer.content.decode()
    assert thread.posts.count() == 1


def test_moderator_who_leaves_puts_back_what_was_in_hand(
    moderator: Member, member: Member, other_member: Member
) -> None:
    give_second_factor(moderator)
    post = make_thread(member).posts.get()
    flag_post(by=other_member, post=post, reason="R03")  # type: ignore[arg-type]
    item = ReviewItem.objects.get()
    deciding.claim(by=moderator, item=item)

    leave(by=moderator, keeps_named=True, keeps_anonymous=True)

    item.refresh_from_db()
    assert (item.state, item.claimed_by, item.claimed_until) == ("open", None, None)


def test_decision_of_a_moderator_who_left_stays_on_record(
    moderator: Member, member: Member, other_member: Member
) -> None:
    give_second_factor(moderator)
    post = make_thread(member).posts.get()
    flag_post(by=other_member, post=post, reason="R03")  # type: ignore[arg-type]
    item = ReviewItem.objects.get()
    deciding.claim(by=moderator, item=item)
    decision = deciding.keep(by=moderator, item=item, version=1)

    leave(by=moderator, keeps_named=True, keeps_anonymous=True)

    decision.refresh_from_db()
    assert decision.decided_by is None


def test_address_can_join_again_as_somebody_new(member: Member) -> None:
    make_thread(member)
    leave(by=member, keeps_named=True, keeps_anonymous=True)

    again = make_member(member.email, "Marit")

    assert again.pk != member.pk
    assert not Post.objects.by_name_of(again).exists()


def test_detaching_needs_its_tick(member: Member, client_for: ClientFor) -> None:
    client = owner_client(client_for(member))
    before = everything()

    answer = client.post("/mine/anonymous/detach/")

    assert answer.status_code == 422
    assert 'id="errors"' in answer.content.decode()
    assert everything() == before


def test_pages_lead_to_each_other(member: Member, client_for: ClientFor) -> None:
    client = owner_client(client_for(member))

    owned = client.get("/mine/anonymous/").content.decode()
    profile = client.get("/settings/profile/").content.decode()

    assert 'href="/mine/anonymous/detach/"' in owned
    assert 'href="/mine/anonymous/export/"' in owned
    assert 'href="/settings/export/"' in profile
    assert 'href="/settings/leave/"' in profile


def test_who_wrote_nothing_anonymously_schedules_nothing(
    member: Member, client_for: ClientFor
) -> None:
    make_thread(member)

    owner_client(client_for(member)).post(
        "/settings/leave/", {**STAY, "anonymous": "go"}
    )

    assert gone(member)
    assert not ScheduledRemoval.objects.exists()
