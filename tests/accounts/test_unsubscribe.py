from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts import links
from accounts.models import Frequency, Member
from tests.factories import make_member


def path_for(member: Member) -> str:
    return urlsplit(links.unsubscribe_address(member.pk)).path


def frequency_of(member: Member) -> str:
    return Member.objects.get(pk=member.pk).digest_frequency


def test_opening_the_link_changes_nothing(client: Client, member: Member) -> None:
    answer = client.get(path_for(member))

    assert answer.status_code == 200
    assert b'<form class="form" method="post">' in answer.content
    assert frequency_of(member) == Frequency.WEDNESDAY


def test_one_click_of_a_mail_program_stops_the_digest(member: Member) -> None:
    mail_program = Client(enforce_csrf_checks=True)

    for _click in range(2):
        answer = mail_program.post(path_for(member), {"List-Unsubscribe": "One-Click"})

        assert answer.status_code == 200
        assert frequency_of(member) == Frequency.NEVER


def test_link_stops_one_member_only(
    client: Client, member: Member, other_member: Member
) -> None:
    client.post(path_for(member))

    assert frequency_of(other_member) == Frequency.WEDNESDAY


@pytest.mark.django_db
def test_page_speaks_the_language_of_the_mail(client: Client) -> None:
    answer = client.get(path_for(make_member(language="en")))

    assert answer["Content-Language"] == "en"
    assert b"Stop the digest" in answer.content


def test_token_that_was_changed_is_not_found(client: Client, member: Member) -> None:
    path = path_for(member)
    other_purpose = links.make_token("other", member.pk)

    for wrong in (
        path[:-2] + ("a" if path[-2] != "a" else "b") + "/",
        "/mail/unsubscribe/x/",
        "/mail/unsubscribe/é/",
        f"/mail/unsubscribe/{member.pk}/",
        f"/mail/unsubscribe/{other_purpose}/",
    ):
        assert client.get(wrong).status_code == 404
        assert client.post(wrong).status_code == 404
    assert frequency_of(member) == Frequency.WEDNESDAY


def test_link_of_somebody_who_left_is_not_found(client: Client, member: Member) -> None:
    path = path_for(member)
    member.delete()

    assert client.post(path).status_code == 404


def test_token_shows_no_member_and_never_looks_the_same(member: Member) -> None:
    tokens = {links.make_token(links.UNSUBSCRIBE, member.pk) for _ in range(20)}

    assert len({token[:8] for token in tokens}) == 20
    assert {len(token) for token in tokens} == {64}
    assert all(member.pk not in token for token in tokens)
    assert {links.read_token(links.UNSUBSCRIBE, token) for token in tokens} == {
        member.pk
    }
