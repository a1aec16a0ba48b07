from __future__ import annotations

import dataclasses

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.detaching import detach
from accounts.drafts import list_drafts, save_draft
from accounts.models import Draft, Member, Shelf
from accounts.shelf import change_shelf, read_shelf
from accounts.tags import Domain, own_tag
from forum.aliases import is_own, own_aliases
from forum.models import Post
from tests.accounts.database import everything, rows_of
from tests.accounts.entering import give_second_factor, mailed, reset_password
from tests.factories import PASSWORD, make_thread
from tests.people import ClientFor

NEW_PASSWORD = "een heel andere kamer"  # noqa: S105 - only tests sign in with it


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def use(member: Member) -> Post:
    """Give the member a shelf, a draft and an anonymous thread, and return its post."""
    change_shelf(
        member, lambda old: dataclasses.replace(old, followed=frozenset({"thread"}))
    )
    save_draft(member, {"source": "Later afmaken.", "thread": ""})
    return make_thread(member, under_alias=True).posts.get()


def test_an_21_mailbox_recovery_cuts_the_tie_to_anonymous_texts(
    member: Member, client: Client
) -> None:
    post = use(member)
    old_tag = own_tag(member, Domain.AUTHOR, post.thread.scope)
    assert is_own(fresh(member), post)

    answer = reset_password(client, member.email, NEW_PASSWORD)

    assert answer.status_code == 302
    assert fresh(member).check_password(NEW_PASSWORD)
    assert not is_own(fresh(member), post)
    assert own_aliases(fresh(member)) == []
    assert own_tag(fresh(member), Domain.AUTHOR, post.thread.scope) != old_tag


def test_mailbox_recovery_keeps_shelf_and_drafts_readable(
    member: Member, client: Client
) -> None:
    use(member)
    reset_password(client, member.email, NEW_PASSWORD)

    (draft,) = list_drafts(fresh(member))

    assert read_shelf(fresh(member)).followed == {"thread"}
    assert draft.fields["source"] == "Later afmaken."
    assert draft.slot == 1


def test_mailbox_recovery_leaves_the_anonymous_text_as_it_was(
    member: Member, client: Client
) -> None:
    use(member)
    before = [rows_of("forum_post"), rows_of("forum_alias"), rows_of("forum_thread")]

    reset_password(client, member.email, NEW_PASSWORD)

    after = [rows_of("forum_post"), rows_of("forum_alias"), rows_of("forum_thread")]
    assert after == before


def test_an_21_owner_pages_are_empty_after_mailbox_recovery(
    member: Member, client: Client
) -> None:
    post = use(member)
    reset_password(client, member.email, NEW_PASSWORD)
    client.post("/accounts/login/", {"login": member.email, "password": NEW_PASSWORD})
    client.post("/mine/anonymous/confirm/", {"password": NEW_PASSWORD})

    page = client.get("/mine/anonymous/")

    assert page.status_code == 200
    assert post.pk not in page.content.decode()
    assert client.get(f"/mine/anonymous/{post.pk}/").status_code == 404


def test_recovery_with_a_second_factor_replaces_nothing(
    member: Member, client: Client
) -> None:
    post = use(member)
    give_second_factor(member)

    reset_password(client, member.email, NEW_PASSWORD)

    assert fresh(member).check_password(NEW_PASSWORD)
    assert is_own(fresh(member), post)
    assert read_shelf(fresh(member)).followed == {"thread"}


def test_recovery_with_a_second_factor_does_not_sign_in_without_it(
    member: Member, client: Client
) -> None:
    give_second_factor(member)
    reset_password(client, member.email, NEW_PASSWORD)

    client.post("/accounts/login/", {"login": member.email, "password": NEW_PASSWORD})

    assert "_auth_user_id" not in client.session


def test_choosing_a_new_password_while_signed_in_cuts_no_tie(
    member: Member, client_for: ClientFor
) -> None:
    post = use(member)
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD}

    client_for(member).post(
        "/accounts/password/change/", {**fields, "password2": NEW_PASSWORD}
    )

    assert fresh(member).check_password(NEW_PASSWORD)
    assert is_own(fresh(member), post)


def test_recovery_ends_sessions_that_were_open(
    member: Member, client: Client, client_for: ClientFor
) -> None:
    elsewhere = client_for(member)
    assert elsewhere.get("/mine/").status_code == 200

    reset_password(client, member.email, NEW_PASSWORD)

    assert elsewhere.get("/mine/").status_code == 302


def test_recovery_without_a_ring_is_closed_and_changes_nothing(
    member: Member, client: Client, settings: Settings
) -> None:
    use(member)
    client.post("/accounts/password/reset/", {"email": member.email})
    link = mailed(member.email, r"http://testserver(/accounts/password/reset/key/\S+)")
    form = client.get(link)["Location"]
    before = everything()

    settings.ALIAS_KEYS = ()
    fields = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    answers = [client.get(link), client.post(form, fields)]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert everything() == before


def lengths() -> list[list[int]]:
    shelves = [len(shelf.sealed) for shelf in Shelf.objects.all()]
    return [shelves, [len(draft.sealed) for draft in Draft.objects.all()]]


@pytest.mark.parametrize("drafts", [0, 1, 10])
def test_detaching_changes_neither_numbers_nor_lengths_of_rows(
    member: Member, other_member: Member, drafts: int
) -> None:
    for number in range(drafts):
        save_draft(member, {"source": f"Tekst {number}"})

    before = lengths()

    detach(member)

    assert lengths() == before
    assert len(list_drafts(fresh(member))) == drafts


def test_detaching_makes_a_shelf_change_under_way_too_late(member: Member) -> None:
    change_shelf(member, lambda old: old)
    stale = fresh(member)
    read = Shelf.objects.get(member=stale)

    detach(fresh(member))

    late = Shelf.objects.filter(member=stale, version=read.version)
    assert not late.exists()


def test_detaching_one_member_leaves_the_others_alone(
    member: Member, other_member: Member
) -> None:
    post = use(other_member)

    detach(member)

    assert is_own(fresh(other_member), post)
    assert read_shelf(fresh(other_member)).followed == {"thread"}
