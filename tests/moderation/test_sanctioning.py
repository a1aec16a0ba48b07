from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Member, Sanction
from forum import posting
from forum.forms import new_form_key
from forum.models import Post, PostState, Thread
from forum.models.reasons import Reason
from moderation import deciding, sanctioning
from moderation.models import Act, Decision, Message, ReviewItem
from tests.factories import PASSWORD, make_reply, make_thread
from tests.moderation.conftest import (
    MESSAGE,
    address,
    flagged,
    make_application,
    page,
    refusal,
)
from tests.people import ClientFor

REFUSED = "you can read, but not write"


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days)


def told(item: ReviewItem, by: Member, **other: Any) -> dict[str, Any]:
    return {
        "by": by,
        "item": item,
        "version": 1,
        "reason": Reason.R06,
        "message": MESSAGE,
        **other,
    }


def paused(post: Post, by: Member, moderator: Member) -> ReviewItem:
    """The item of ``post``, flagged by ``by``, whose author may not write for a week."""
    item = flagged(by, post)
    deciding.claim(by=moderator, item=item)
    sanctioning.pause_author(**told(item, moderator, until=in_days(7)))
    return item


@pytest.fixture
def writer(other_member: Member) -> Member:
    return other_member


@pytest.fixture(params=[False, True], ids=["named", "alias"])
def post(request: Any, writer: Member, thread: Thread) -> Post:
    """A reply of the writer, by name and under an alias."""
    return make_reply(writer, thread, under_alias=request.param)


def test_pause_stops_every_writing_of_its_author_and_of_nobody_else(
    post: Post, writer: Member, member: Member, moderator: Member, thread: Thread
) -> None:
    named = make_thread(writer).posts.get()
    elsewhere = make_thread(moderator)
    paused(post, member, moderator)

    def start(under_alias: bool) -> None:
        make_thread(writer, under_alias=under_alias)

    def edit() -> None:
        posting.edit_post(by=writer, post=post, version=1, source="Anders gezegd.")

    words = {
        refusal(lambda: start(False)),
        refusal(lambda: start(True)),
        refusal(lambda: make_reply(writer, thread, under_alias=post.is_anonymous)),
        refusal(lambda: make_reply(writer, elsewhere)),
        refusal(lambda: make_reply(writer, elsewhere, under_alias=True)),
        refusal(edit),
        refusal(lambda: flagged(writer, elsewhere.posts.get())),
    }

    assert len(words) == 1
    assert REFUSED in words.pop()
    assert Post.objects.count() == 4
    make_reply(member, elsewhere, under_alias=True)
    make_thread(moderator, under_alias=True)
    posting.withdraw_post(by=writer, post=named)
    posting.withdraw_post(by=writer, post=post)
    named.refresh_from_db()
    assert named.state == PostState.WITHDRAWN


def test_form_that_was_sent_before_the_pause_still_gives_its_post(
    post: Post, writer: Member, member: Member, moderator: Member
) -> None:
    fields: dict[str, Any] = {
        "by": writer,
        "thread": make_thread(member),
        "kind": "question",
        "source": "Wat raakt je hierin?",
        "under_alias": False,
        "form_key": new_form_key(),
    }
    sent = posting.add_reply(**fields)
    paused(post, member, moderator)

    again = posting.add_reply(**fields)

    assert again.is_resend
    assert again.post == sent.post


def test_writing_is_open_again_on_the_day_itself(
    post: Post, writer: Member, member: Member, moderator: Member, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    paused(post, member, moderator)
    time_machine.move_to("2026-11-29 12:00+01:00")
    refusal(lambda: make_thread(writer))

    time_machine.move_to("2026-11-30 09:00+01:00")

    make_thread(writer)


def test_warning_stops_nothing_and_is_kept(
    post: Post, writer: Member, member: Member, moderator: Member
) -> None:
    item = flagged(member, post)
    deciding.claim(by=moderator, item=item)

    decision = sanctioning.warn_author(**told(item, moderator))

    make_thread(writer)
    assert (decision.act, decision.reason, decision.until) == (Act.WARN, "R06", None)
    assert decision.is_from_flag
    sanction = Sanction.objects.get()
    assert (sanction.kind, sanction.ground) == (Sanction.Kind.WARN, "R06")
    assert Message.objects.get().text == MESSAGE


def test_sanctions_leave_the_text_and_the_item_to_be_decided_on(
    post: Post, member: Member, moderator: Member
) -> None:
    item = paused(post, member, moderator)
    sanctioning.warn_author(**told(item, moderator))
    post.refresh_from_db()
    assert (post.state, post.message) == (PostState.PUBLISHED, "")

    deciding.keep(by=moderator, item=item, version=1)

    item.refresh_from_db()
    assert item.state == ReviewItem.State.CLOSED
    acts = {decision.act for decision in Decision.objects.all()}
    assert acts == {Act.PAUSE, Act.WARN, Act.KEEP}
    late = refusal(lambda: deciding.keep(by=moderator, item=item, version=1))
    assert late.endswith("the text stays as it is.")


def test_sanction_needs_the_claim_and_renews_it(
    post: Post,
    member: Member,
    moderator: Member,
    other_moderator: Member,
    time_machine: Any,
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00", tick=False)
    item = flagged(member, post)
    early = refusal(lambda: sanctioning.warn_author(**told(item, moderator)))
    deciding.claim(by=moderator, item=item)
    time_machine.move_to("2026-11-23 09:04+01:00", tick=False)

    other = refusal(lambda: sanctioning.warn_author(**told(item, other_moderator)))
    sanctioning.warn_author(**told(item, moderator))

    time_machine.move_to("2026-11-23 09:08+01:00", tick=False)
    refusal(lambda: deciding.claim(by=other_moderator, item=item))
    assert early == "Take this up first, then decide."
    assert other == "A colleague is reading this now."


def test_same_sanction_counts_once_per_item(
    post: Post, member: Member, moderator: Member
) -> None:
    item = paused(post, member, moderator)

    words = refusal(
        lambda: sanctioning.pause_author(**told(item, moderator, until=in_days(9)))
    )

    assert words == "That was done here already."
    assert Sanction.objects.count() == Message.objects.count() == 1


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_pause_lasts_one_to_thirty_days(
    days: int, item: ReviewItem, moderator: Member
) -> None:
    deciding.claim(by=moderator, item=item)

    words = refusal(
        lambda: sanctioning.pause_author(**told(item, moderator, until=in_days(days)))
    )

    assert "at most 30 days" in words
    assert not Sanction.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"reason": Reason.R10}, {"message": " "}, {"version": 7}]
)
def test_sanction_without_ground_words_or_the_text_as_read_is_refused(
    wrong: dict[str, Any], item: ReviewItem, moderator: Member
) -> None:
    deciding.claim(by=moderator, item=item)

    refusal(lambda: sanctioning.warn_author(**told(item, moderator, **wrong)))
    refusal(
        lambda: sanctioning.pause_author(
            **told(item, moderator, until=in_days(7), **wrong)
        )
    )

    assert not Sanction.objects.exists()
    assert not Message.objects.exists()
    assert not Decision.objects.exists()


def test_member_may_not_sanction_and_an_applicant_is_not_sanctioned(
    applicant: Member, member: Member, item: ReviewItem, moderator: Member
) -> None:
    application = make_application(applicant).review_items.get()
    deciding.claim(by=moderator, item=application)

    with pytest.raises(PermissionDenied):
        sanctioning.warn_author(**told(item, member))
    with pytest.raises(PermissionDenied):
        sanctioning.warn_author(**told(application, moderator))


def test_withdrawn_text_takes_the_messages_about_it_along(
    post: Post, writer: Member, member: Member, moderator: Member
) -> None:
    paused(post, member, moderator)

    posting.withdraw_post(by=writer, post=post)

    assert not Message.objects.exists()
    refusal(lambda: make_thread(writer))


def test_flagger_learns_what_became_of_the_text_and_not_of_the_writer(
    post: Post, member: Member, moderator: Member, client_for: ClientFor
) -> None:
    item = paused(post, member, moderator)
    deciding.keep(by=moderator, item=item, version=1)

    html = page(client_for(member), "/mine/flags/")

    assert "We looked at it. The text stays." in html
    assert "until" not in html.lower()


def test_named_author_reads_the_message_at_the_post_and_among_what_is_new(
    writer: Member,
    member: Member,
    moderator: Member,
    thread: Thread,
    client_for: ClientFor,
    time_machine: Any,
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    post = make_reply(writer, thread)
    paused(post, member, moderator)

    for who, is_there in ((writer, True), (member, False)):
        client = client_for(who)
        detail = page(client, f"/posts/{post.pk}/")
        assert (MESSAGE in detail) is is_there
        assert ("Until 30 November 2026 you can read" in detail) is is_there
        news = page(client, "/notifications/")
        assert ("You cannot write for a while" in news) is is_there
    assert "a moderator wrote to you" in page(client_for(writer), "/mine/")

    time_machine.move_to("2026-12-24 09:00+01:00")
    assert "You are up to date." in page(client_for(writer), "/notifications/")


def test_owner_of_an_alias_reads_the_message_in_owner_mode_only(
    writer: Member,
    member: Member,
    moderator: Member,
    thread: Thread,
    client_for: ClientFor,
) -> None:
    post = make_reply(writer, thread, under_alias=True)
    paused(post, member, moderator)
    client = client_for(writer)

    for path in (f"/posts/{post.pk}/", "/notifications/", "/mine/", "/dilemmas/new/"):
        html = page(client, path)
        assert MESSAGE not in html
        assert "You cannot write for a while" not in html
        assert REFUSED not in html
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})

    assert "a moderator wrote to you" in page(client, "/mine/anonymous/")
    assert MESSAGE in page(client, f"/mine/anonymous/{post.pk}/")


def test_text_is_kept_when_sending_is_refused(
    post: Post,
    writer: Member,
    member: Member,
    moderator: Member,
    thread: Thread,
    client_for: ClientFor,
) -> None:
    paused(post, member, moderator)
    client = client_for(writer)
    client.cookies["django_language"] = "en"
    reply = {"kind": "question", "source": "Wat raakt je?", "form_key": new_form_key()}
    flag = {"reason": "R01", "note": "Wat raakt je?"}

    answers = [
        client.post(f"/dilemmas/{thread.pk}/replies/", {**reply, "under_alias": "on"}),
        client.post(f"/dilemmas/{thread.pk}/replies/", {**reply, "under_alias": ""}),
        client.post(f"/posts/{thread.posts.first().pk}/flag/", flag),  # type: ignore[union-attr]
    ]

    for answer in answers:
        assert answer.status_code == 422
        assert REFUSED in answer.content.decode()
        assert "Wat raakt je?" in answer.content.decode()


def test_moderator_warns_and_pauses_on_the_page_and_then_decides(
    post: Post, member: Member, moderator: Member, client_for: ClientFor
) -> None:
    item = flagged(member, post)
    client = client_for(moderator)
    client.post(address("claim_create", item.pk))
    detail = address("review_item_detail", item.pk)
    post.lang = "en"
    post.save(update_fields=["lang"])

    for act, opening in (("warn", "any harm"), ("pause", "You can read along")):
        asked = page(client, f"{detail}?act={act}&reason=R06")
        assert opening in asked
        assert ('type="date"' in asked) is (act == "pause")
        fields = {
            "act": act,
            "reason": "R06",
            "message": MESSAGE,
            "version": "1",
            "until": in_days(7).isoformat(),
        }
        answer = client.post(address("decision_create", item.pk), fields)
        assert answer["Location"] == detail
        assert f'value="{act}"' not in page(client, detail)

    assert Sanction.objects.filter(kind=Sanction.Kind.PAUSE_WRITING).exists()
    assert "Warn the writer" in page(client, detail)
    kept = client.post(
        address("decision_create", item.pk), {"act": "keep", "version": "1"}
    )
    assert kept["Location"] == "/moderation/"


@pytest.mark.parametrize("until", ["", "2020-01-01", "morgen"])
def test_pause_without_a_day_that_can_be_keeps_what_was_written(
    until: str, item: ReviewItem, moderator: Member, client_for: ClientFor
) -> None:
    deciding.claim(by=moderator, item=item)
    fields = {"act": "pause", "reason": "R06", "version": "1", "until": until}

    answer = client_for(moderator).post(
        address("decision_create", item.pk), {**fields, "message": "Ga zo door."}
    )

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Ga zo door." in html
    assert 'type="date"' in html
    assert 'href="#id_until"' in html
    assert not Decision.objects.exists()


def test_nobody_is_sanctioned_for_needing_another_route(
    item: ReviewItem, moderator: Member, client_for: ClientFor
) -> None:
    deciding.claim(by=moderator, item=item)
    client = client_for(moderator)
    client.cookies["django_language"] = "en"

    answer = client.get(
        address("review_item_detail", item.pk) + "?act=pause&reason=R10"
    )

    assert answer.status_code == 422
    assert "Nobody is warned or paused" in answer.content.decode()


def test_moderator_sees_what_was_decided_on_the_alias_in_that_thread_only(
    writer: Member,
    member: Member,
    moderator: Member,
    thread: Thread,
    client_for: ClientFor,
    time_machine: Any,
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    here, also = (make_reply(writer, thread, under_alias=True) for _ in range(2))
    neighbour = make_reply(moderator, thread, under_alias=True)
    elsewhere = make_reply(writer, make_thread(member), under_alias=True)
    by_name = make_reply(writer, make_thread(member))
    items = [flagged(member, each) for each in (also, neighbour, elsewhere, by_name)]

    paused(here, member, moderator)

    seen = [
        page(client_for(moderator), address("review_item_detail", each.pk))
        for each in items
    ]
    words = ["until 30 November 2026" in html for html in seen]
    assert words == [True, False, False, False]
    assert "about another text here" in seen[0]
