"""Moderators with a second factor, and a text that waits for them."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import Application, Member, ProofRoute, Work
from accounts.signals import application_sent
from forum.models import Post, Thread
from moderation.models import ReviewItem
from tests.factories import make_member, make_reply, make_thread

GUESS = "Volgens mij weet ik wie je bent, jij werkt op een school in Zwolle."


def with_second_factor(member: Member) -> Member:
    Authenticator.objects.create(
        user=member, type=Authenticator.Type.TOTP, data={"secret": "unused"}
    )
    return member


def make_application(applicant: Member, **fields: Any) -> Application:
    application = Application.objects.create(
        member=applicant,
        full_name="Anna de Aanvrager",
        work=Work.DIRECTOR,
        proof_route=ProofRoute.CALL,
        school="De Voorbeeldschool",
        is_board_member=False,
        **fields,
    )
    application_sent.send(sender=None, application=application)
    return application


@pytest.fixture
def moderator(db: None) -> Member:
    return with_second_factor(
        make_member("moderator@voorbeeld.nl", "Mirjam", is_moderator=True)
    )


@pytest.fixture
def other_moderator(db: None) -> Member:
    return with_second_factor(
        make_member("moderator2@voorbeeld.nl", "Ruud", is_moderator=True)
    )


@pytest.fixture
def thread(member: Member) -> Thread:
    return make_thread(member)


@pytest.fixture
def held(other_member: Member, thread: Thread) -> Post:
    """A reply by name that a check held."""
    return make_reply(other_member, thread, source=GUESS)


@pytest.fixture
def item(held: Post) -> ReviewItem:
    return ReviewItem.objects.get(post=held)
