from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Member
from accounts.tags import Domain, own_tag
from forum.management.commands.load_demo import ACCOUNTS, CONTENT, PASSWORD
from forum.models import Alias, Post, PostState, Thread

pytestmark = pytest.mark.django_db


def load(settings: object) -> str:
    settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's settings
    output = StringIO()
    call_command("load_demo", stdout=output)
    return output.getvalue()


def test_refuses_outside_the_demo() -> None:
    with pytest.raises(CommandError, match="not the demo"):
        call_command("load_demo")

    assert not Member.objects.exists()


def test_refuses_without_a_key_ring(settings: object) -> None:
    settings.ALIAS_KEYS = ()  # type: ignore[attr-defined]  # pytest-django's settings

    with pytest.raises(CommandError, match="make_keys"):
        load(settings)


def test_second_run_changes_nothing(settings: object) -> None:
    load(settings)
    before = list(Post.objects.order_by("pk").values())

    second = load(settings)

    assert "nothing to do" in second
    assert list(Post.objects.order_by("pk").values()) == before
    assert Member.objects.count() == 30


# Loading takes a while, so these two look at everything at once.
def test_texts_of_the_content_stand_in_the_room_with_dates_of_the_past(
    settings: object,
) -> None:
    load(settings)

    content = json.loads(CONTENT.read_text())
    threads = list(Thread.objects.order_by("risen_number"))
    assert [thread.title for thread in threads] == [told["title"] for told in content]
    for thread, told in zip(threads, content, strict=True):
        posts = list(thread.posts.order_by("published_number"))
        moments = [post.written_at for post in posts]
        outcomes = [post.source for post in posts if post.is_outcome]
        assert outcomes == ([told["outcome"]] if told["outcome"] else [])
        assert thread.has_outcome == bool(outcomes)
        assert {post.state for post in posts} == {PostState.PUBLISHED}
        assert [post.is_anonymous for post in posts] == [
            told["anonymous"],
            *(reply["anonymous"] for reply in told["replies"]),
            *(told["anonymous"] for _ in outcomes),
        ]
        assert moments == sorted(moments)
        assert moments[-1] <= timezone.now()
        assert thread.risen_on == posts[-1].written_on
        for post in posts:
            assert f'datetime="{post.written_on:%Y-%m-%d}"' in post.fragments["nl"]


def test_members_sign_in_and_have_one_identity_in_a_thread(settings: object) -> None:
    load(settings)

    for account in ACCOUNTS:
        member = Member.objects.get(email=account.email)
        assert member.check_password(PASSWORD)
        assert member.is_admitted
        assert member.is_newcomer == (account.email == "nieuw@voorbeeld.nl")
        assert member.named_posts.exists() == account.writes
    for alias in Alias.objects.select_related("thread"):
        for post in alias.thread.posts.exclude(author=None).select_related("author"):
            assert post.author is not None
            assert own_tag(post.author, Domain.AUTHOR, alias.thread.scope) != alias.tag
    client = Client()
    sign_in = {"login": ACCOUNTS[0].email, "password": PASSWORD}
    assert client.post("/accounts/login/", sign_in).status_code == 302
    assert client.get("/").status_code == 200
