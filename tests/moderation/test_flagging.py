from __future__ import annotations

import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from accounts.models import Member
from accounts.tags import Domain, own_tag
from forum import posting
from forum.models import Thread
from forum.models.reasons import Reason
from moderation.flagging import flag_post
from moderation.models import Flag, ReviewItem
from tests.factories import make_reply


def test_flag_lies_under_a_tag_and_opens_an_item(
    member: Member, other_member: Member, thread: Thread
) -> None:
    post = make_reply(other_member, thread)

    flag_post(by=member, post=post, reason=Reason.R01, note="Dit klinkt hard.")

    flag = Flag.objects.get()
    assert flag.tag == own_tag(member, Domain.FLAG, post.scope)
    assert (flag.reason, flag.note) == ("R01", "Dit klinkt hard.")
    assert flag.item.source == post.source


def test_second_flag_of_a_member_takes_the_place_of_the_first(
    member: Member, other_member: Member, thread: Thread
) -> None:
    post = make_reply(other_member, thread)

    flag_post(by=member, post=post, reason=Reason.R01)
    flag_post(by=member, post=post, reason=Reason.R04, note="En nog iets.")

    flag = Flag.objects.get()
    assert (flag.reason, flag.note) == ("R04", "En nog iets.")
    assert ReviewItem.objects.count() == 1


def test_flags_of_others_join_the_open_item(
    member: Member, other_member: Member, moderator: Member, thread: Thread
) -> None:
    post = make_reply(other_member, thread)

    for each in (member, moderator, other_member):
        flag_post(by=each, post=post, reason=Reason.R01)

    assert ReviewItem.objects.get().flags.count() == 3


def test_text_that_left_the_room_cannot_be_flagged(
    member: Member, other_member: Member, thread: Thread
) -> None:
    post = make_reply(other_member, thread)
    posting.withdraw_post(by=other_member, post=post)

    with pytest.raises(ValidationError):
        flag_post(by=member, post=post, reason=Reason.R01)
    assert not ReviewItem.objects.exists()


def test_applicant_cannot_flag(
    applicant: Member, other_member: Member, thread: Thread
) -> None:
    post = make_reply(other_member, thread)

    with pytest.raises(PermissionDenied):
        flag_post(by=applicant, post=post, reason=Reason.R01)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_flags_share_one_item(
    member: Member, other_member: Member, moderator: Member, thread: Thread
) -> None:
    post = make_reply(other_member, thread)
    start = threading.Barrier(4)

    def run(by: Member) -> None:
        start.wait()
        try:
            flag_post(by=by, post=type(post).objects.get(pk=post.pk), reason=Reason.R01)
        finally:
            connection.close()

    flaggers = [member, member, other_member, moderator]
    threads = [threading.Thread(target=run, args=[by]) for by in flaggers]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert ReviewItem.objects.get().flags.count() == 3
