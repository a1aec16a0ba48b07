from __future__ import annotations

from pytest_django import Settings

from accounts.models import Member
from forum import posting
from forum.models import Post, PostState, Thread
from forum.models.reasons import Reason
from moderation import deciding
from moderation.models import Decision, ReviewItem
from tests.factories import make_reply, make_thread
from tests.moderation.conftest import make_application


def test_held_text_opens_an_item_with_codes_and_a_copy(held: Post) -> None:
    item = ReviewItem.objects.get(post=held)

    assert item.state == ReviewItem.State.OPEN
    assert item.findings == ["W1"]
    assert item.source == held.source


def test_edit_of_a_held_text_renews_the_item_and_ends_the_claim(
    held: Post, item: ReviewItem, other_member: Member, moderator: Member
) -> None:
    deciding.claim(by=moderator, item=item)

    posting.edit_post(by=other_member, post=held, version=1, source="Hoe gaat het nu?")

    item.refresh_from_db()
    assert item.state == ReviewItem.State.OPEN
    assert item.claimed_by is None
    assert item.claimed_until is None
    assert item.source == "Hoe gaat het nu?"
    assert item.findings == []


def test_withdrawn_text_closes_its_item_without_a_decision(
    held: Post, item: ReviewItem, other_member: Member
) -> None:
    posting.withdraw_post(by=other_member, post=held)

    item.refresh_from_db()
    assert item.state == ReviewItem.State.CLOSED
    assert item.source == ""
    assert not Decision.objects.exists()


def test_withdrawn_text_leaves_no_quotation_in_an_earlier_message(
    held: Post, item: ReviewItem, other_member: Member, moderator: Member
) -> None:
    deciding.claim(by=moderator, item=item)
    deciding.return_for_edit(
        by=moderator, item=item, version=1, reason=Reason.R06, message=held.source
    )
    held.refresh_from_db()

    posting.withdraw_post(by=other_member, post=held)

    assert Decision.objects.get().message == ""


def test_application_opens_an_item(applicant: Member) -> None:
    application = make_application(applicant)

    assert ReviewItem.objects.get().application == application


def test_anonymous_text_of_a_newcomer_bears_no_label_of_its_author(
    newcomer: Member, thread: Thread, settings: Settings
) -> None:
    settings.PREMODERATE = "anonymous"

    post = make_reply(newcomer, thread, under_alias=True)

    assert post.state == PostState.HELD
    assert ReviewItem.objects.get(post=post).findings == ["read_first"]


def test_named_text_of_a_newcomer_is_read_first(newcomer: Member) -> None:
    make_thread(newcomer)

    assert ReviewItem.objects.get().findings == ["newcomer"]
