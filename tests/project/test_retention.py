from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import Any

from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Application, Member
from forum.models import Once
from moderation.models import ReviewItem
from tests.factories import make_thread


def purged() -> str:
    lines = StringIO()
    call_command("purge", stdout=lines)
    return lines.getvalue()


def make_application(member: Member, decided_days_ago: int | None) -> Application:
    decided_on = (
        timezone.localdate() - dt.timedelta(decided_days_ago)
        if decided_days_ago is not None
        else None
    )
    return Application.objects.create(
        member=member,
        full_name="Anna de Aanvrager",
        work="director",
        proof_route="call",
        school="Een school",
        board="Een bestuur",
        is_board_member=False,
        decided_on=decided_on,
    )


def test_proof_goes_thirty_days_after_the_decision_and_the_board_stays(
    member: Member,
) -> None:
    application = make_application(member, 30)

    assert "1 applications emptied" in purged()

    application.refresh_from_db()
    assert (application.full_name, application.school) == ("", "")
    assert application.board == "Een bestuur"
    assert "0 applications emptied" in purged()


def test_proof_stays_while_it_is_needed(member: Member, other_member: Member) -> None:
    make_application(member, 29)
    make_application(other_member, None)

    assert "0 applications emptied" in purged()


def test_refused_and_unproven_applicants_go(
    member: Member, other_member: Member, newcomer: Member
) -> None:
    for somebody, state, proven in (
        (member, "refused", True),
        (other_member, "open", False),
        (newcomer, "open", True),
    ):
        Member.objects.filter(pk=somebody.pk).update(admitted_on=None)
        EmailAddress.objects.filter(user=somebody).update(verified=proven)
        application = make_application(somebody, 30 if state == "refused" else None)
        application.state = state
        application.sent_on = timezone.localdate() - dt.timedelta(40)
        application.save()

    assert "2 refused or unproven applicants" in purged()

    assert list(Member.objects.all()) == [newcomer]


def test_claims_that_ran_out_are_given_back(
    member: Member, moderator: Member, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    item = ReviewItem.objects.create(
        post=make_thread(member).posts.get(),
        state=ReviewItem.State.CLAIMED,
        claimed_by=moderator,
        claimed_until=timezone.now(),
    )

    assert "1 claims" in purged()

    item.refresh_from_db()
    assert (item.state, item.claimed_by, item.claimed_until) == ("open", None, None)


def test_used_form_keys_go_when_their_forms_have_ended(
    member: Member, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23 09:00+01:00")
    make_thread(member)
    assert "0 used form keys" in purged()

    time_machine.move_to("2026-11-26 09:00+01:00")

    assert "1 used form keys" in purged()
    assert not Once.objects.exists()
