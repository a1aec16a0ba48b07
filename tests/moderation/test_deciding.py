from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from accounts.models import Application, Member
from forum import posting
from forum.models import Post, PostState, Thread
from forum.models.reasons import Reason
from moderation import deciding
from moderation.flagging import flag_post
from moderation.models import Act, Decision, ReviewItem
from tests.factories import make_reply, make_thread
from tests.moderation.conftest import MESSAGE, flagged, make_application, refusal


def test_member_may_neither_claim_nor_decide(member: Member, item: ReviewItem) -> None:
    with pytest.raises(PermissionDenied):
        deciding.claim(by=member, item=item)
    with pytest.raises(PermissionDenied):
        deciding.publish(by=member, item=item, version=1)


def test_refusal_to_claim_has_the_same_words_for_holder_author_and_flagger(
    member: Member, moderator: Member, other_moderator: Member, thread: Thread
) -> None:
    taken = flagged(member, make_reply(member, thread))
    deciding.claim(by=other_moderator, item=taken)
    by_name = flagged(member, make_thread(moderator).posts.get())
    own = make_reply(moderator, thread, under_alias=True)
    under_alias = flagged(member, own)
    by_flagger = flagged(moderator, make_reply(member, thread))

    items = [taken, by_name, under_alias, by_flagger]
    words = {
        refusal(lambda item=item: deciding.claim(by=moderator, item=item))  # type: ignore[misc]
        for item in items
    }
    assert len(words) == 1
    for item in items[1:]:
        deciding.claim(by=other_moderator, item=item)


def test_claim_lasts_five_minutes_and_the_holder_renews_it(
    item: ReviewItem, moderator: Member, other_moderator: Member
) -> None:
    with time_machine.travel("2026-03-02 10:00+00:00", tick=False) as clock:
        deciding.claim(by=moderator, item=item)
        clock.shift(240)
        deciding.claim(by=moderator, item=item)
        clock.shift(240)
        refusal(lambda: deciding.claim(by=other_moderator, item=item))
        clock.shift(60)
        deciding.claim(by=other_moderator, item=item)

    assert item.claimed_by == other_moderator


def test_published_text_stands_in_the_room(
    held: Post, item: ReviewItem, moderator: Member
) -> None:
    deciding.claim(by=moderator, item=item)

    decision = deciding.publish(by=moderator, item=item, version=1)

    held.refresh_from_db()
    item.refresh_from_db()
    assert held.state == PostState.PUBLISHED
    assert held.was_public
    assert decision.is_from_software
    assert not decision.is_from_flag
    assert (item.state, item.source) == (ReviewItem.State.CLOSED, "")
    assert (item.claimed_by, item.claimed_until) == (None, None)


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        (deciding.return_for_edit, PostState.RETURNED),
        (deciding.hide, PostState.HIDDEN),
        (deciding.remove, PostState.REMOVED),
    ],
)
def test_text_goes_offline_with_a_reason_and_words(
    verb: Callable[..., Decision],
    state: PostState,
    held: Post,
    item: ReviewItem,
    moderator: Member,
) -> None:
    deciding.claim(by=moderator, item=item)

    decision = verb(
        by=moderator, item=item, version=1, reason=Reason.R06, message=MESSAGE
    )

    held.refresh_from_db()
    assert (held.state, held.reason, held.message) == (state, "R06", MESSAGE)
    assert (decision.reason, decision.message) == ("R06", MESSAGE)
    assert decision.post_version == 1
    assert (decision.decided_at.minute, decision.decided_at.second) == (0, 0)


def test_flagged_text_is_left_where_it_stands(
    thread: Thread, member: Member, other_member: Member, moderator: Member
) -> None:
    post = make_reply(other_member, thread)
    item = flagged(member, post)
    deciding.claim(by=moderator, item=item)

    decision = deciding.keep(by=moderator, item=item, version=1)

    post.refresh_from_db()
    assert post.is_online
    assert decision.is_from_flag
    assert not decision.is_from_software


def test_decision_needs_the_claim(item: ReviewItem, moderator: Member) -> None:
    said = refusal(lambda: deciding.publish(by=moderator, item=item, version=1))

    assert said == "Take this up first, then decide."
    assert not Decision.objects.exists()


def test_decision_without_reason_or_words_is_refused(
    item: ReviewItem, moderator: Member
) -> None:
    deciding.claim(by=moderator, item=item)

    refusal(
        lambda: deciding.hide(
            by=moderator, item=item, version=1, reason=Reason.R06, message=" "
        )
    )
    item.refresh_from_db()
    assert item.state == ReviewItem.State.CLAIMED


def test_decision_on_an_older_version_is_refused(
    member: Member, other_member: Member, moderator: Member, thread: Thread
) -> None:
    post = make_reply(other_member, thread)
    item = flagged(member, post)
    deciding.claim(by=moderator, item=item)
    posting.edit_post(by=other_member, post=post, version=1, source="Wat raakt je zo?")

    for verb in (deciding.keep, deciding.publish):
        said = refusal(
            lambda verb=verb: verb(by=moderator, item=item, version=1)  # type: ignore[misc]
        )
        assert said == "The writer changed this text just now. Read it once more."
    item.refresh_from_db()
    assert item.state == ReviewItem.State.CLAIMED


def test_holder_who_flags_the_text_may_no_longer_decide(
    member: Member, other_member: Member, moderator: Member, thread: Thread
) -> None:
    post = make_reply(other_member, thread)
    item = flagged(member, post)
    deciding.claim(by=moderator, item=item)
    flag_post(by=moderator, post=post, reason=Reason.R06)

    said = refusal(lambda: deciding.keep(by=moderator, item=item, version=1))

    assert said == "A colleague is reading this now."


def test_removal_on_r10_by_one_moderator_is_refused_but_hiding_is_not(
    held: Post, item: ReviewItem, moderator: Member
) -> None:
    deciding.claim(by=moderator, item=item)
    said = {"reason": Reason.R10, "message": MESSAGE}

    words = refusal(
        lambda: deciding.remove(by=moderator, item=item, version=1, **said)  # type: ignore[arg-type]
    )
    deciding.hide(by=moderator, item=item, version=1, **said)  # type: ignore[arg-type]

    held.refresh_from_db()
    assert words.startswith("Removing this takes two moderators")
    assert held.state == PostState.HIDDEN


def test_removal_of_an_anonymous_dilemma_by_one_moderator_is_refused(
    member: Member, other_member: Member, moderator: Member
) -> None:
    post = make_thread(member, under_alias=True).posts.get()
    item = flagged(other_member, post)
    deciding.claim(by=moderator, item=item)

    words = refusal(
        lambda: deciding.remove(
            by=moderator, item=item, version=1, reason=Reason.R03, message=MESSAGE
        )
    )

    post.refresh_from_db()
    assert words.startswith("Removing this takes two moderators")
    assert post.is_online


def test_applicant_is_admitted_or_not(
    applicant: Member, newcomer: Member, moderator: Member
) -> None:
    admitted = make_application(applicant)
    refused = make_application(newcomer)
    for application in (admitted, refused):
        deciding.claim(by=moderator, item=application.review_items.get())

    deciding.admit(by=moderator, item=admitted.review_items.get())
    deciding.refuse(
        by=moderator, item=refused.review_items.get(), message="Je bent bestuurder."
    )

    admitted.refresh_from_db()
    refused.refresh_from_db()
    applicant.refresh_from_db()
    assert admitted.state == Application.State.ADMITTED
    assert applicant.is_admitted
    assert refused.state == Application.State.REFUSED
    assert {each.act for each in Decision.objects.all()} == {Act.ADMIT, Act.REFUSE}


def test_whoever_decides_too_late_is_told_what_happened(
    item: ReviewItem, moderator: Member, other_moderator: Member
) -> None:
    with time_machine.travel("2026-03-02 10:00+00:00", tick=False) as clock:
        deciding.claim(by=moderator, item=item)
        clock.shift(301)
        deciding.claim(by=other_moderator, item=item)
        deciding.publish(by=other_moderator, item=item, version=1)

        said = refusal(lambda: deciding.publish(by=moderator, item=item, version=1))
        late = refusal(lambda: deciding.claim(by=moderator, item=item))

    words = "A colleague decided on this just now: the text is online."
    assert said == late == words


def test_decision_on_a_withdrawn_text_says_so(
    held: Post, item: ReviewItem, other_member: Member, moderator: Member
) -> None:
    deciding.claim(by=moderator, item=item)
    posting.withdraw_post(by=other_member, post=held)

    said = refusal(lambda: deciding.publish(by=moderator, item=item, version=1))

    assert said.startswith("The writer took this text away just now.")
