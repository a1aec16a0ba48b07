from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts import sanctions
from accounts.detaching import detach
from accounts.models import Member, Sanction
from accounts.tags import Domain, own_tag
from forum.aliases import is_own
from forum.forms import new_form_key
from forum.models import Alias, Post
from forum.models.reasons import Reason
from moderation import deciding, sanctioning
from moderation.flagging import flag_post
from moderation.models import ReviewItem
from tests.accounts.database import Rows, everything, rows_of
from tests.accounts.entering import give_second_factor, reset_password
from tests.factories import make_member, make_reply, make_thread
from tests.people import ClientFor

NEW_PASSWORD = "een heel andere kamer"  # noqa: S105 - only tests sign in with it
TOKENS = re.compile(
    r'(?:name="(?:csrfmiddlewaretoken|form_key)" value|data-csrf)="[^"]*"'
)


def again(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def is_paused(member: Member) -> bool:
    try:
        make_thread(again(member), under_alias=True)
    except ValidationError as error:
        return error.code == "paused"
    return False


def pause(post: Post, moderator: Member) -> ReviewItem:
    """Pause whoever wrote ``post`` for a week, through the moderator's own verbs."""
    flag_post(by=make_member(), post=post, reason=Reason.R06)
    item = ReviewItem.objects.get(post=post)
    deciding.claim(by=moderator, item=item)
    sanctioning.pause_author(
        by=moderator,
        item=item,
        version=1,
        until=timezone.localdate() + dt.timedelta(7),
        reason=Reason.R06,
        message="Even niet.",
    )
    return item


def sealed() -> dict[str, bytes]:
    rows = Sanction.objects.filter(member=None)
    return {row.pk: bytes(row.sealed_tag or b"") for row in rows}


@pytest.fixture
def judge(moderator: Member) -> Member:
    give_second_factor(moderator)
    return moderator


@pytest.fixture
def post(member: Member) -> Post:
    return make_thread(member, under_alias=True).posts.get()


def test_an_23_pause_of_an_alias_stops_its_owner_and_nobody_else(
    member: Member, other_member: Member, post: Post, judge: Member
) -> None:
    neighbour = make_reply(other_member, post.thread, under_alias=True)

    pause(post, judge)

    assert is_paused(member)
    assert not is_paused(other_member)
    assert not is_paused(judge)
    pause(neighbour, judge)
    assert is_paused(other_member)


def test_an_23_no_stored_value_names_the_owner(post: Post, judge: Member) -> None:
    writer = make_member("kanarie@citroenvogel.nl", "Kanariegeel")
    reply = make_reply(writer, post.thread, under_alias=True)
    before = everything()

    pause(reply, judge)

    after = everything()
    assert reply.alias is not None
    new: dict[str, Rows] = {
        table: [row for row in rows if row not in before[table]]
        for table, rows in after.items()
    }
    text = repr(new)
    assert "accounts_sanction" in text
    for canary in (writer.pk, writer.email, writer.display_name, "citroenvogel"):
        assert canary not in text
    # Not the tag of the alias either, which a replaced secret would leave behind.
    assert reply.alias.tag not in repr(new["accounts_sanction"])
    assert bytes.fromhex(reply.alias.tag) not in b"".join(sealed().values())
    assert Sanction.objects.get().member is None


def test_an_23_pages_of_the_owner_show_nothing_before_sending(
    member: Member,
    other_member: Member,
    post: Post,
    judge: Member,
    client_for: ClientFor,
) -> None:
    clients = [client_for(member), client_for(other_member)]
    pause(post, judge)

    for path in (
        "/",
        "/dilemmas/new/",
        f"/dilemmas/{post.thread_id}/",
        f"/posts/{post.pk}/",
        f"/posts/{post.pk}/flag/",
        "/notifications/",
        "/mine/",
        "/drafts/",
        "/settings/profile/",
    ):
        pages = [
            TOKENS.sub("", client.get(path).content.decode())
            .replace(person.display_name, "X")
            .replace(person.email, "X")
            for client, person in zip(clients, (member, other_member), strict=True)
        ]
        assert pages[0] == pages[1], path
    reply = {"kind": "question", "source": "Wat nu?", "form_key": new_form_key()}
    sent = clients[0].post(f"/dilemmas/{post.thread_id}/replies/", reply)
    assert sent.status_code == 422


def test_an_23_refused_writing_writes_no_row(
    member: Member, post: Post, judge: Member, client_for: ClientFor
) -> None:
    pause(post, judge)
    client = client_for(member)
    reply = {"kind": "question", "source": "Wat nu?", "form_key": new_form_key()}

    with CaptureQueriesContext(connection) as queries:
        client.post(f"/dilemmas/{post.thread_id}/replies/", reply)

    assert all(query["sql"].startswith("SELECT") for query in queries)


def test_an_23_moderators_see_the_alias_and_nothing_of_its_owner(
    judge: Member, post: Post, client_for: ClientFor
) -> None:
    writer = make_member("kanarie@citroenvogel.nl", "Kanariegeel")
    reply = make_reply(writer, post.thread, under_alias=True)
    make_thread(writer)
    item = pause(reply, judge)
    client = client_for(judge)

    assert reply.alias is not None
    for path in (
        f"/moderation/items/{item.pk}/",
        f"/moderation/items/{item.pk}/?act=warn&reason=R06",
        "/moderation/",
        "/moderation/decisions/",
    ):
        html = client.get(path).content.decode()
        assert reply.alias.name in html
        for canary in (writer.pk, writer.email, writer.display_name):
            assert canary not in html


def test_an_21_sanction_holds_after_mailbox_recovery(
    member: Member, other_member: Member, post: Post, judge: Member, client: Client
) -> None:
    pause(post, judge)

    answer = reset_password(client, member.email, NEW_PASSWORD)

    assert answer.status_code == 302
    assert not is_own(again(member), post)
    assert is_paused(member)
    assert not is_paused(other_member)


def test_an_21_sanction_holds_after_detaching_more_than_once(
    member: Member, other_member: Member, post: Post, judge: Member
) -> None:
    other = make_thread(other_member, under_alias=True).posts.get()
    pause(post, judge)
    pause(other, judge)

    for who in (member, other_member, member):
        detach(again(who))

    assert is_paused(member)
    assert is_paused(other_member)
    assert not is_paused(judge)


def test_an_21_every_sanction_row_changes_whoever_detaches(
    member: Member, other_member: Member, post: Post, judge: Member
) -> None:
    make_reply(judge, post.thread, under_alias=True)
    for author in (other_member, make_member()):
        pause(make_thread(author, under_alias=True).posts.get(), judge)
    pause(post, judge)

    for who in (member, judge):
        before, rows = sealed(), plain_columns()
        detach(again(who))
        after = sealed()
        assert before.keys() == after.keys()
        assert all(before[pk] != after[pk] for pk in before)
        assert {len(value) for value in after.values()} == {44}
        assert plain_columns() == rows


def plain_columns() -> list[tuple[object, ...]]:
    names = [
        field.attname
        for field in Sanction._meta.concrete_fields
        if field.name != "sealed_tag"
    ]
    return list(Sanction.objects.order_by("pk").values_list(*names))


def test_an_21_same_statements_run_whether_or_not_the_member_was_paused(
    member: Member, other_member: Member, post: Post, judge: Member
) -> None:
    pause(post, judge)
    pause(make_thread(judge, under_alias=True).posts.get(), other_moderator())

    traces = []
    for who in (member, other_member):
        with CaptureQueriesContext(connection) as queries:
            detach(again(who))
        words = [query["sql"].split(" SET ")[0] for query in queries]
        traces.append([sql[:60] for sql in words if "SAVEPOINT" not in sql])

    assert traces[0] == traces[1]


def other_moderator() -> Member:
    colleague = make_member("moderator2@voorbeeld.nl", "Ruud", is_moderator=True)
    give_second_factor(colleague)
    return colleague


def test_an_21_after_replacing_the_secret_no_row_has_the_old_or_the_new_tag(
    member: Member, post: Post, judge: Member
) -> None:
    pause(post, judge)
    old = own_tag(again(member), Domain.AUTHOR, post.thread.scope)
    detach(again(member))
    new = own_tag(again(member), Domain.AUTHOR, post.thread.scope)

    rows = repr(rows_of("accounts_sanction"))

    assert Alias.objects.get().tag == old != new
    for tag in (old, new):
        assert tag not in rows
        assert all(bytes.fromhex(tag) not in value for value in sealed().values())


def test_an_21_pages_of_moderators_do_not_change_when_the_secret_is_replaced(
    member: Member, post: Post, judge: Member, client_for: ClientFor
) -> None:
    item = pause(post, judge)
    client = client_for(judge)
    paths = [f"/moderation/items/{item.pk}/", "/moderation/decisions/", "/moderation/"]

    def pages() -> list[str]:
        return [TOKENS.sub("", client.get(p).content.decode()) for p in paths]

    before = pages()
    detach(again(member))

    assert pages() == before


def test_an_21_new_owner_of_the_mailbox_is_not_shown_what_moderators_said(
    member: Member, post: Post, judge: Member, client: Client
) -> None:
    pause(post, judge)
    reset_password(client, member.email, NEW_PASSWORD)
    client.post("/accounts/login/", {"login": member.email, "password": NEW_PASSWORD})
    client.post("/mine/anonymous/confirm/", {"password": NEW_PASSWORD})

    for path in ("/mine/anonymous/", "/notifications/", "/mine/"):
        page = client.get(path)
        assert page.status_code == 200
        assert "Even niet." not in page.content.decode()
    assert client.get(f"/mine/anonymous/{post.pk}/").status_code == 404


def test_every_night_all_sanction_rows_change(
    member: Member, other_member: Member, post: Post, judge: Member
) -> None:
    pause(post, judge)
    pause(make_thread(other_member, under_alias=True).posts.get(), judge)
    before = sealed()

    call_command("purge", verbosity=0)

    after = sealed()
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
    assert is_paused(member)


def test_refusal_says_until_when_and_nothing_of_the_alias(
    member: Member, post: Post, judge: Member
) -> None:
    pause(post, judge)

    with translation.override("en"), pytest.raises(ValidationError) as refusal:
        make_thread(member)

    assert post.alias is not None
    until = sanctions.paused_until(member)
    assert until is not None
    assert str(until.year) in refusal.value.messages[0]
    assert post.alias.name not in refusal.value.messages[0]
