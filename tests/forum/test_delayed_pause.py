from __future__ import annotations

import datetime as dt
import secrets

import pytest
from django.utils import timezone

from accounts import sanctions
from accounts.models import Member, Sanction
from forum import delaying, posting
from forum.models import PostState
from tests.factories import make_thread


@pytest.mark.parametrize("under_alias", [True, False])
@pytest.mark.parametrize("is_paused", [True, False])
def test_pause_is_asked_at_the_tick(
    member: Member, other_member: Member, under_alias: bool, is_paused: bool
) -> None:
    thread = make_thread(other_member)
    now = timezone.now()
    post = posting.add_reply(
        by=member,
        thread=thread,
        kind="question",
        source="Wat raakt je hierin het meest?",
        under_alias=under_alias,
        form_key=secrets.token_hex(16),
        release_at=delaying.draw_tick(now),
    ).post
    if is_paused:
        until = timezone.localdate() + dt.timedelta(20)
        kind = Sanction.Kind.PAUSE_WRITING
        if post.alias is None:
            sanctions.sanction_member(member, kind=kind, until=until, ground="R07")
        else:
            sanctions.sanction_alias(
                thread.scope, post.alias.tag, kind=kind, until=until, ground="R07"
            )

    delaying.release_due(now + dt.timedelta(hours=7))

    post.refresh_from_db()
    expected = PostState.RETURNED if is_paused else PostState.PUBLISHED
    assert post.state == expected
