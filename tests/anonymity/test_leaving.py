from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.detaching import detach
from accounts.drafts import list_drafts, save_draft
from accounts.joining import invite
from accounts.models import Application, Member, MemberSecret
from accounts.tags import Domain, own_tag
from directeurskamer.leaving import leave
from forum import curating, leaving, subscribing
from forum.aliases import is_own, own_aliases
from forum.models import Alias, Delivery, Edition, Post, ScheduledRemoval, Thread
from moderation.flagging import flag_post
from tests.accounts.database import everything, rows_of
from tests.accounts.entering import give_second_factor, reset_password
from tests.anonymity.test_traces import owner_client, without_tokens
from tests.factories import PASSWORD, make_member, make_reply, make_thread
from tests.people import ClientFor

NAME = "Wilhelmina-Kanarie"
EMAIL = "wilhelmina.kanarie@school.example"
SCHOOL = "Basisschool de Kanarievogel"
LEAVING = {"is_sure": "on", "named": "keep", "anonymous": "keep"}


@pytest.fixture
def author(db: None) -> Member:
    """A member who left something in every table that may hold something of them."""
    invite(email=EMAIL)
    author = make_member(EMAIL, NAME)
    Application.objects.create(
        member=author,
        full_name=NAME,
        work="director",
        proof_route="call",
        school=SCHOOL,
        is_board_member=False,
        state=Application.State.ADMITTED,
    )
    give_second_factor(author)
    save_draft(author, {"source": "Later afmaken.", "thread": ""})
    now = timezone.now()
    edition = Edition.objects.create(
        frequency="wednesday",
        period=now.date(),
        language="nl",
        variant="discreet",
        after=0,
        until=1,
    )
    Delivery.objects.create(edition=edition, member=author, due_at=now)
    return author


@pytest.fixture
def anonymous(author: Member, other_member: Member) -> list[Post]:
    """A dilemma and a reply of the author, both under an alias."""
    dilemma = make_thread(author, under_alias=True).posts.get()
    elsewhere = make_thread(other_member)
    subscribing.follow(by=author, thread=elsewhere, on=True)
    return [dilemma, make_reply(author, elsewhere, under_alias=True)]


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def gone(member: Member) -> bool:
    return not Member.objects.filter(pk=member.pk).exists()


def pages_of(post: Post) -> list[str]:
    thread = f"/dilemmas/{post.thread_id}/"
    return [thread, f"{thread}changes/?after=0", f"/posts/{post.pk}/"]


def seen_by(observers: list[Client], posts: list[Post]) -> list[str]:
    """Every page that shows the anonymous texts, as each observer gets it."""
    addresses = [address for post in posts for address in pages_of(post)]
    addresses += ["/", "/?view=new", "/changes/?after=0", "/moderation/"]
    return [
        without_tokens(observer.get(address))
        for observer in observers
        for address in addresses
    ]


def leave_by_page(named: str, anonymous: str) -> Callable[[Client, Thread], Any]:
    def act(client: Client, thread: Thread) -> Any:
        told = {**LEAVING, "named": named, "anonymous": anonymous}
        return owner_client(client).post("/settings/leave/", told)

    return act


ACTS: dict[str, Callable[[Client, Thread], Any]] = {
    "export": lambda client, thread: client.post("/settings/export/"),
    "own export": lambda client, thread: owner_client(client).post(
        "/mine/anonymous/export/"
    ),
    "detach": lambda client, thread: owner_client(client).post(
        "/mine/anonymous/detach/", {"is_sure": "on"}
    ),
    "follow": lambda client, thread: client.post(
        f"/dilemmas/{thread.pk}/subscription/", {"on": "1"}
    ),
    "save": lambda client, thread: client.post(
        f"/dilemmas/{thread.pk}/bookmark/", {"on": "1"}
    ),
    "leave, all stays": leave_by_page("keep", "keep"),
    "leave, all goes": leave_by_page("go", "go"),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_18_acts_of_the_author_change_no_view_of_anonymous_posts(
    author: Member,
    anonymous: list[Post],
    other_member: Member,
    moderator: Member,
    client_for: ClientFor,
    act: str,
) -> None:
    give_second_factor(moderator)
    flag_post(by=other_member, post=anonymous[0], reason="R03")  # type: ignore[arg-type]
    observers = [client_for(other_member), client_for(moderator), Client()]
    tables = ("forum_post", "forum_alias", "forum_thread", "forum_room")
    before = seen_by(observers, anonymous), list(map(rows_of, tables))

    answer = ACTS[act](client_for(author), anonymous[0].thread)

    assert answer.status_code in (200, 302)
    assert gone(author) == act.startswith("leave")
    assert seen_by(observers, anonymous) == before[0]
    assert list(map(rows_of, tables)) == before[1]


@pytest.mark.parametrize("named", ["keep", "go"])
def test_an_18_named_texts_part_without_touching_anonymous_ones(
    author: Member,
    anonymous: list[Post],
    other_member: Member,
    client_for: ClientFor,
    named: str,
) -> None:
    make_thread(author)
    observers = [client_for(other_member)]
    addresses = [address for post in anonymous for address in pages_of(post)]

    def seen() -> list[str]:
        return [without_tokens(observers[0].get(address)) for address in addresses]

    def rows() -> list[Any]:
        return list(Post.objects.filter(alias__isnull=False).order_by("pk").values())

    before = seen(), rows()

    leave_by_page(named, "go")(client_for(author), anonymous[0].thread)

    assert gone(author)
    assert (seen(), rows()) == before


def by_page(member: Member, client: Client) -> None:
    client.force_login(member)
    answer = owner_client(client).post("/mine/anonymous/detach/", {"is_sure": "on"})
    assert answer.status_code == 302


def by_mailbox(member: Member, client: Client) -> None:
    new = "een heel andere kamer"
    assert reset_password(client, member.email, new).status_code == 302
    client.post("/accounts/login/", {"login": member.email, "password": new})
    client.post("/mine/anonymous/confirm/", {"password": new})


@pytest.mark.parametrize("way", [by_page, by_mailbox])
def test_an_21_nothing_shows_earlier_ownership(
    member: Member, other_member: Member, client: Client, way: Any
) -> None:
    post = make_thread(member, under_alias=True).posts.get()
    reply = make_reply(member, make_thread(other_member), under_alias=True)
    flag_post(by=fresh(member), post=reply, reason="R03")  # type: ignore[arg-type]
    aliases = set(Alias.objects.values_list("tag", flat=True))
    scopes = [post.thread.scope, reply.thread.scope]
    wrapped = bytes(MemberSecret.objects.get(member=member).wrapped)

    way(member, client)

    now = fresh(member)
    assert bytes(MemberSecret.objects.get(member=now).wrapped) != wrapped
    assert not is_own(now, post)
    assert own_aliases(now) == []
    assert not aliases & {own_tag(now, Domain.AUTHOR, scope) for scope in scopes}
    owner = owner_client(client) if way is by_page else client
    for address in ("/mine/anonymous/", "/mine/", "/mine/flags/", "/notifications/"):
        page = owner.get(address)
        assert page.status_code == 200
        for word in (post.pk, reply.pk, post.thread_id, reply.thread_id):
            assert word not in page.content.decode()
    for act in ("", "edit/", "withdraw/"):
        unknown = owner.get(f"/mine/anonymous/{'0' * 20}/{act}")
        known = owner.get(f"/mine/anonymous/{post.pk}/{act}")
        assert known.status_code == unknown.status_code == 404


def test_an_21_detaching_closes_owner_mode_and_keeps_shelf_and_drafts(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    subscribing.follow(by=member, thread=thread, on=True)
    save_draft(member, {"source": "Later afmaken.", "thread": ""})
    client = client_for(member)

    by_page(member, client)

    assert client.get("/mine/anonymous/")["Location"].startswith(
        "/mine/anonymous/confirm/"
    )
    assert thread.title in client.get("/?view=followed").content.decode()
    assert "Later afmaken." in client.get("/drafts/").content.decode()


def canaries(member: Member, client: Client) -> list[str]:
    session = client.session.session_key
    assert session
    return [member.pk, NAME, EMAIL, SCHOOL, session]


def found_in_database(words: list[str]) -> set[tuple[str, str]]:
    return {
        (table, word)
        for table, rows in everything().items()
        for row in rows
        for value in row
        for word in words
        if word in (value.decode("latin-1") if isinstance(value, bytes) else str(value))
    }


@pytest.mark.parametrize("named", ["keep", "go"])
@pytest.mark.parametrize("anonymous_texts", ["keep", "go"])
def test_no_row_of_any_table_holds_anything_of_who_left(
    author: Member,
    anonymous: list[Post],
    other_member: Member,
    client_for: ClientFor,
    named: str,
    anonymous_texts: str,
) -> None:
    thread = make_thread(author)
    make_reply(author, make_thread(other_member))
    for state in ("hide", "send_back", "remove"):
        post = make_thread(author).posts.get()
        act: Any = getattr(curating, state)
        act(post, version=1, reason="R03", message=f"Hallo {NAME},")
    withdrawn = make_thread(author).posts.get()
    client_for(author).post(f"/posts/{withdrawn.pk}/withdraw/")
    client, elsewhere = client_for(author), client_for(author)
    words = canaries(author, client) + canaries(author, elsewhere)[-1:]
    assert len(found_in_database(words)) > 8

    leave_by_page(named, anonymous_texts)(client, thread)

    assert gone(author)
    assert found_in_database(words) == set()
    assert elsewhere.get("/mine/").status_code == 302
    assert not MemberSecret.objects.filter(pk=author.pk).exists()


def test_shelf_and_drafts_of_others_stay(author: Member, other_member: Member) -> None:
    save_draft(other_member, {"source": "Van een ander.", "thread": ""})
    tables = ("accounts_shelf", "accounts_draft", "accounts_membersecret")
    before = {table: rows_of(table) for table in tables}

    leave(by=author, keeps_named=True, keeps_anonymous=True)

    for table in tables:
        assert len(rows_of(table)) == len(before[table]) - 1
        assert set(rows_of(table)) < set(before[table])
    assert len(list_drafts(other_member)) == 1


def test_scheduled_rows_hold_nothing_of_the_member_and_are_spread(
    author: Member, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-23 09:02+01:00", tick=False)
    writers = [author, make_member()]
    threads = [make_thread(make_member()) for _ in range(5)]
    posts = []
    for writer in writers:
        for thread in threads:
            for _number in range(4 if writer == author else 2):
                posts.append(make_reply(writer, thread, under_alias=True))
        time_machine.shift(3600)
    tags = set(Alias.objects.values_list("tag", flat=True))
    left_at = timezone.now()

    for writer in writers:
        leave(by=writer, keeps_named=True, keeps_anonymous=False)

    rows = rows_of("forum_scheduledremoval")
    assert {str(row[0]) for row in rows} == {post.pk for post in posts}
    assert {len(row) for row in rows} == {2}
    flat = repr(rows)
    assert not [word for word in (*tags, author.pk, EMAIL) if word in flat]
    ticks = list(ScheduledRemoval.objects.values_list("due_at", flat=True))
    for tick in ticks:
        assert (tick.minute % 5, tick.second, tick.microsecond) == (0, 0, 0)
        assert left_at < tick <= left_at + dt.timedelta(days=30)
    assert len(set(ticks)) > len(ticks) * 0.8
    assert max(ticks) - min(ticks) > dt.timedelta(days=10)


def test_order_in_the_table_of_removals_is_that_of_the_keys(author: Member) -> None:
    other = make_member()
    threads = [make_thread(make_member()) for _ in range(6)]
    for writer in (author, other):
        for thread in threads:
            make_reply(writer, thread, under_alias=True)
    for writer in (author, other):
        leave(by=writer, keeps_named=True, keeps_anonymous=False)

    stored = list(ScheduledRemoval.objects.values_list("pk", flat=True))

    assert len(stored) == 12
    assert stored == sorted(stored)


def test_texts_go_at_their_ticks_once_and_leave_their_line(
    author: Member,
    anonymous: list[Post],
    other_member: Member,
    client_for: ClientFor,
    time_machine: Any,
) -> None:
    words = anonymous[1].source
    leave(by=author, keeps_named=True, keeps_anonymous=False)
    row = ScheduledRemoval.objects.get(pk=anonymous[1].pk)
    client = client_for(other_member)
    page = f"/dilemmas/{anonymous[1].thread_id}/"

    leaving.remove_due(row.due_at - dt.timedelta(seconds=1))
    assert words in client.get(page).content.decode()
    assert leaving.remove_due(row.due_at) == 1

    shown = client.get(page).content.decode()
    assert words not in shown
    assert f'class="line-note" id="post-{anonymous[1].pk}"' in shown


def test_detached_texts_are_not_taken_along(author: Member) -> None:
    make_thread(author, under_alias=True)
    detach(author)

    leave(by=fresh(author), keeps_named=True, keeps_anonymous=False)

    assert not ScheduledRemoval.objects.exists()


def test_scheduling_keeps_what_others_scheduled(
    author: Member, anonymous: list[Post]
) -> None:
    other = make_member()
    make_thread(other, under_alias=True)
    leave(by=author, keeps_named=True, keeps_anonymous=False)
    before = dict(ScheduledRemoval.objects.values_list("pk", "due_at"))

    leave(by=other, keeps_named=True, keeps_anonymous=False)

    after = dict(ScheduledRemoval.objects.values_list("pk", "due_at"))
    assert len(before) == 2
    assert len(after) == 3
    assert before.items() <= after.items()


def test_password_of_who_left_opens_nothing(author: Member) -> None:
    make_thread(author)
    leave(by=author, keeps_named=True, keeps_anonymous=True)
    client = Client()

    for email in (EMAIL, "left", ""):
        client.post("/accounts/login/", {"login": email, "password": PASSWORD})

        assert "_auth_user_id" not in client.session
