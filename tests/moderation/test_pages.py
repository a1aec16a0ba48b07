from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Member
from forum.models import Post, PostState, Thread
from forum.models.reasons import Reason
from moderation import deciding
from moderation.flagging import flag_post
from moderation.models import Decision, ReviewItem
from tests.factories import make_member, make_reply, make_thread
from tests.moderation.conftest import (
    GUESS,
    address,
    make_application,
    page,
    without_tokens,
)
from tests.people import ClientFor

QUEUE = "/moderation/"
RECORD = "/moderation/decisions/"


def test_member_gets_403_on_every_page_of_moderators(
    member: Member, item: ReviewItem, client_for: ClientFor
) -> None:
    client = client_for(member)

    for path in (QUEUE, RECORD, address("review_item_detail", item.pk)):
        assert client.get(path).status_code == 403
    for name in ("claim_create", "decision_create"):
        assert client.post(address(name, item.pk)).status_code == 403


def test_moderator_without_a_second_factor_is_sent_to_make_one(
    client_for: ClientFor, db: None
) -> None:
    bare = make_member("kaal@voorbeeld.nl", "Karin", is_moderator=True)

    response = client_for(bare).get(QUEUE)

    assert response.status_code == 302
    assert response["Location"] == reverse("mfa_index")


def test_demo_asks_for_no_second_factor(
    client_for: ClientFor, settings: Settings, db: None
) -> None:
    settings.DEMO = True
    bare = make_member("kaal@voorbeeld.nl", "Karin", is_moderator=True)

    assert client_for(bare).get(QUEUE).status_code == 200


def test_queue_has_the_urgent_first_and_no_counts(
    member: Member,
    other_member: Member,
    newcomer: Member,
    moderator: Member,
    thread: Thread,
    client_for: ClientFor,
) -> None:
    make_reply(newcomer, thread)
    flag_post(by=member, post=make_reply(other_member, thread), reason=Reason.R11)
    flag_post(
        by=member,
        post=make_reply(other_member, thread, under_alias=False),
        reason=Reason.R10,
    )

    html = page(client_for(moderator), QUEUE)

    first = html.index("First another route")
    assert first < html.index("Does not fit here")
    assert first < html.index("New member")


def test_queue_takes_as_many_queries_for_two_items_as_for_twelve(
    member: Member, moderator: Member, thread: Thread, client_for: ClientFor
) -> None:
    client = client_for(moderator)

    def queries(wanted: int) -> int:
        while ReviewItem.objects.count() < wanted:
            writer = make_member()
            post = make_reply(writer, thread, under_alias=wanted % 2 == 0)
            flag_post(by=member, post=post, reason=Reason.R01)
        with CaptureQueriesContext(connection) as seen:
            page(client, QUEUE)
        return len(seen)

    page(client, QUEUE)
    assert queries(2) == queries(12)


def test_an_24_queue_is_the_same_for_every_moderator_whoever_wrote(
    member: Member,
    moderator: Member,
    other_moderator: Member,
    thread: Thread,
    client_for: ClientFor,
) -> None:
    own = make_reply(moderator, thread, under_alias=True)
    flag_post(by=member, post=own, reason=Reason.R01)
    item = ReviewItem.objects.get()

    for path in (QUEUE, address("review_item_detail", item.pk)):
        assert page(client_for(moderator), path) == page(
            client_for(other_moderator), path
        )


def test_refused_author_and_refused_colleague_get_the_same_page(
    member: Member,
    moderator: Member,
    other_moderator: Member,
    thread: Thread,
    client_for: ClientFor,
) -> None:
    own = make_reply(moderator, thread, under_alias=True)
    flag_post(by=member, post=own, reason=Reason.R01)
    item = ReviewItem.objects.get()
    client = client_for(moderator)

    as_author = client.post(address("claim_create", item.pk))
    deciding.claim(by=other_moderator, item=item)
    as_second = client.post(address("claim_create", item.pk))

    assert as_author.status_code == as_second.status_code == 422
    assert without_tokens(as_author.content.decode()) == without_tokens(
        as_second.content.decode()
    )


def test_an_26_nothing_of_an_anonymous_author_is_on_any_page_of_moderators(
    member: Member,
    moderator: Member,
    thread: Thread,
    client_for: ClientFor,
    settings: Settings,
) -> None:
    writer = make_member("post@citroenvogel.nl", "Kanariegeel", admitted_days_ago=1)
    post = make_reply(writer, thread, under_alias=True, source=GUESS)
    make_reply(writer, thread, under_alias=True)
    item = ReviewItem.objects.get(post=post)
    client = client_for(moderator)
    detail = address("review_item_detail", item.pk)
    seen = [page(client, QUEUE), page(client, detail)]

    client.post(address("claim_create", item.pk))
    seen.append(page(client, detail))
    seen.append(page(client, f"{detail}?act=hide&reason=R06"))
    client.post(
        address("decision_create", item.pk),
        {"act": "hide", "reason": "R06", "message": "Dank.", "version": "1"},
    )
    seen += [page(client, detail), page(client, RECORD)]

    assert post.alias is not None
    for html in seen:
        assert post.alias.name in html
        assert "New member" not in html
        for canary in (writer.pk, writer.email, writer.display_name, "citroenvogel"):
            assert canary not in html


def test_review_card_marks_what_a_check_saw_and_escapes_the_rest(
    member: Member,
    other_member: Member,
    moderator: Member,
    thread: Thread,
    client_for: ClientFor,
) -> None:
    before = make_reply(member, thread, source="Wat zegt je team erover?")
    post = make_reply(
        other_member, thread, source="<script>x</script> Mail jan@school-voorbeeld.nl"
    )
    item = ReviewItem.objects.get(post=post)

    html = page(client_for(moderator), address("review_item_detail", item.pk))

    assert '<mark class="finding finding-strong">jan@school-voorbeeld.nl</mark>' in html
    assert "<script>x" not in html
    assert before.source in html
    assert "The writer is open to advice." in html


def test_flags_are_numbered_and_shown_with_their_words(
    member: Member, other_member: Member, moderator: Member, client_for: ClientFor
) -> None:
    post = make_thread(other_member).posts.get()
    flag_post(by=member, post=post, reason=Reason.R01, note="Dit klinkt hard.")
    item = ReviewItem.objects.get()

    html = page(client_for(moderator), address("review_item_detail", item.pk))

    assert "Flag 1" in html
    assert "Dit klinkt hard." in html
    assert member.display_name not in html


def test_whole_way_from_claim_to_message_for_the_author(
    held: Post, item: ReviewItem, moderator: Member, client_for: ClientFor
) -> None:
    client = client_for(moderator)
    detail = address("review_item_detail", item.pk)

    claimed = client.post(address("claim_create", item.pk))
    asked = page(client, f"{detail}?act=return&reason=R06")
    answer = client.post(
        address("decision_create", item.pk),
        {"act": "return", "reason": "R06", "message": "Ga zo door.", "version": "1"},
    )

    held.refresh_from_db()
    assert claimed["Location"] == detail
    assert "(huisregel 6:" in asked or "(house rule 6:" in asked
    assert answer["Location"] == QUEUE
    assert (held.state, held.message) == (PostState.RETURNED, "Ga zo door.")
    assert "This is closed." in page(client, detail)


@pytest.mark.parametrize(
    "told",
    [
        {"act": "hide", "message": "Ga zo door."},
        {"act": "hide", "reason": "R14", "message": "Ga zo door."},
        {"act": "remove", "reason": "R10", "message": "Ga zo door."},
        {"act": "return", "reason": "R06", "message": "Ga zo door.", "version": "7"},
    ],
)
def test_decision_that_cannot_be_keeps_what_was_written(
    told: dict[str, str], item: ReviewItem, moderator: Member, client_for: ClientFor
) -> None:
    deciding.claim(by=moderator, item=item)

    answer = client_for(moderator).post(
        address("decision_create", item.pk), {"version": "1", **told}
    )

    assert answer.status_code == 422
    assert "Ga zo door." in answer.content.decode()
    assert 'name="version" value="1"' in answer.content.decode()
    assert not Decision.objects.exists()


def test_loser_of_a_race_keeps_what_was_written_and_reads_what_happened(
    item: ReviewItem, moderator: Member, other_moderator: Member, client_for: ClientFor
) -> None:
    deciding.claim(by=other_moderator, item=item)
    deciding.publish(by=other_moderator, item=item, version=1)
    client = client_for(moderator)
    client.cookies["django_language"] = "en"

    answer = client.post(
        address("decision_create", item.pk),
        {"act": "hide", "reason": "R06", "message": "Ga zo door.", "version": "1"},
    )

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "A colleague decided on this just now: the text is online." in html
    assert "Ga zo door." in html


def test_pages_of_moderators_write_nothing(
    item: ReviewItem, moderator: Member, client_for: ClientFor
) -> None:
    deciding.claim(by=moderator, item=item)
    client = client_for(moderator)
    detail = address("review_item_detail", item.pk)

    for path in (QUEUE, RECORD, detail, f"{detail}?act=hide&reason=R06"):
        with CaptureQueriesContext(connection) as seen:
            page(client, path)
        assert all(query["sql"].startswith("SELECT") for query in seen)


def test_application_is_judged_on_its_page(
    applicant: Member, moderator: Member, client_for: ClientFor
) -> None:
    item = make_application(applicant).review_items.get()
    client = client_for(moderator)
    client.post(address("claim_create", item.pk))

    html = page(client, address("review_item_detail", item.pk))
    answer = client.post(address("decision_create", item.pk), {"act": "admit"})

    applicant.refresh_from_db()
    assert "De Voorbeeldschool" in html
    assert answer.status_code == 302
    assert applicant.is_admitted


def test_refusing_an_application_starts_from_a_sentence(
    applicant: Member, moderator: Member, client_for: ClientFor
) -> None:
    applicant.language = "en"
    applicant.save()
    item = make_application(applicant).review_items.get()
    deciding.claim(by=moderator, item=item)

    html = page(
        client_for(moderator), address("review_item_detail", item.pk) + "?act=refuse"
    )

    assert "We could not check that you lead a school." in html


def test_act_for_a_text_is_no_act_for_an_application(
    applicant: Member, moderator: Member, client_for: ClientFor
) -> None:
    item = make_application(applicant).review_items.get()
    deciding.claim(by=moderator, item=item)

    answer = client_for(moderator).post(
        address("decision_create", item.pk), {"act": "publish", "version": "1"}
    )

    assert answer.status_code == 403
