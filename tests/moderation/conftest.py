"""Moderators with a second factor, and a text that waits for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Application, Member, ProofRoute, Work
from accounts.signals import application_sent
from forum.models import Post, Thread
from forum.models.reasons import Reason
from moderation.flagging import flag_post
from moderation.models import ReviewItem
from tests.accounts.entering import give_second_factor
from tests.factories import make_member, make_reply, make_thread

MESSAGE = "Dank voor je bericht. Eén stukje kan beter."
GUESS = "Volgens mij weet ik wie je bent, jij werkt op een school in Zwolle."


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """The words that the verbs refuse with are compared in English."""
    with translation.override("en"):
        yield


def with_second_factor(member: Member) -> Member:
    Authenticator.objects.create(
        user=member, type=Authenticator.Type.TOTP, data={"secret": "unused"}
    )
    return member


def next_code(member: Member) -> str:
    """A second factor that was not used yet: the next recovery code."""
    return str(RecoveryCodes.activate(member).get_unused_codes()[0])


def make_custodian(display_name: str) -> Member:
    """A custodian with an authenticator and recovery codes."""
    member = make_member(display_name=display_name, is_custodian=True)
    give_second_factor(member)
    return member


@pytest.fixture
def carla(db: None) -> Member:
    return make_custodian("Carla")


@pytest.fixture
def cees(db: None) -> Member:
    return make_custodian("Cees")


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


def address(name: str, pk: str) -> str:
    return reverse(f"moderation:{name}", args=[pk])


def page(client: Client, path: str) -> str:
    """The page without the token that differs at every visit."""
    client.cookies["django_language"] = "en"
    response = client.get(path)
    assert response.status_code == 200, path
    return without_tokens(response.content.decode())


def without_tokens(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)


def refused(act: Callable[[], object]) -> list[str]:
    try:
        act()
    except ValidationError as error:
        return [str(error.messages[0])]
    return []


def refusal(act: Callable[[], object]) -> str:
    words = refused(act)
    assert words
    return words[0]


def flagged(by: Member, post: Post, reason: Reason = Reason.R01) -> ReviewItem:
    flag_post(by=by, post=post, reason=reason)
    return ReviewItem.objects.get(post=post)
