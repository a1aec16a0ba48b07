from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import Member
from forum import curating, posting
from forum.models import Post, PostRevision, PostState
from tests.factories import PASSWORD, SITUATION, make_member, make_reply, make_thread
from tests.people import ClientFor

FIRST, SECOND, THIRD = "Eerst zo gezegd.", "Daarna zus gezegd.", "En nu anders gezegd."


@pytest.fixture
def post(member: Member, other_member: Member) -> Post:
    return make_reply(member, make_thread(other_member), source=FIRST, under_alias=True)


@pytest.fixture
def reader(client_for: ClientFor, db: None) -> Client:
    return client_for(make_member(display_name="Lezer"))


def edit(by: Member, post: Post, source: str, **told: object) -> None:
    post = Post.objects.select_related("thread", "alias", "author").get(pk=post.pk)
    posting.edit_post(by=by, post=post, version=post.version, source=source, **told)  # type: ignore[arg-type]


def history(reader: Client, post: Post) -> str:
    answer = reader.get(f"/posts/{post.pk}/history/")
    assert answer.status_code == 200
    return answer.content.decode()


def shown(post: Post) -> str:
    return str(Post.objects.get(pk=post.pk).fragments["nl"])


def test_earlier_versions_stand_there_newest_first_and_not_the_text_of_now(
    post: Post, member: Member, reader: Client
) -> None:
    edit(member, post, SECOND)
    edit(member, post, THIRD)

    page = history(reader, post)

    assert page.index(SECOND) < page.index(FIRST)
    assert THIRD not in page
    assert f"/posts/{post.pk}/history/" in shown(post)


def test_history_shows_the_alias_and_a_day_and_nothing_finer(
    post: Post, member: Member, reader: Client
) -> None:
    edit(member, post, SECOND)
    revision = PostRevision.objects.get()

    page = history(reader, post)

    assert post.alias is not None
    assert post.alias.name in page
    assert member.display_name not in page
    assert revision.replaced_at.minute == revision.replaced_at.second == 0
    assert f"{revision.replaced_at:%H:%M}" not in page
    assert {field.name for field in PostRevision._meta.fields} == {
        *("id", "post", "number", "title"),
        *("source", "html", "lang", "details", "replaced_at"),
    }


def test_earlier_title_of_a_dilemma_is_kept(member: Member, reader: Client) -> None:
    post = make_thread(member, title="Wat ik eerst vroeg?").posts.get()

    edit(member, post, SITUATION + " Nu.", title="Wat ik nu vraag?", category="team")

    assert "Wat ik eerst vroeg?" in history(reader, post)


def test_text_that_was_never_public_leaves_no_version(
    newcomer: Member, other_member: Member, reader: Client
) -> None:
    held = make_reply(newcomer, make_thread(other_member), source=FIRST)
    edit(newcomer, held, SECOND)
    held.refresh_from_db()
    curating.release(held, version=held.version)

    page = history(reader, held)

    assert FIRST not in page
    assert not PostRevision.objects.exists()
    assert "/history/" not in shown(held)


@pytest.mark.parametrize("act", [curating.hide, curating.send_back])
def test_what_a_moderator_took_offline_never_comes_back_as_an_earlier_version(
    post: Post, member: Member, reader: Client, act: object
) -> None:
    edit(member, post, SECOND)
    post.refresh_from_db()
    act(post, version=2, reason="R04", message="Een kind is herkenbaar.")  # type: ignore[operator]
    assert reader.get(f"/posts/{post.pk}/history/").status_code == 404
    edit(member, post, THIRD)
    post.refresh_from_db()
    curating.release(post, version=3)

    page = history(reader, post)

    assert FIRST not in page
    assert SECOND not in page


def test_history_of_a_hidden_text_is_there_again_with_the_text(
    post: Post, member: Member, reader: Client
) -> None:
    edit(member, post, SECOND)
    post.refresh_from_db()
    curating.hide(post, version=2, reason="R04", message="Even kijken.")

    curating.release(Post.objects.get(pk=post.pk), version=2)

    assert FIRST in history(reader, post)


def test_an_27_withdrawing_and_removing_leave_no_earlier_version(
    member: Member, other_member: Member, reader: Client
) -> None:
    thread = make_thread(other_member)
    posts = [make_reply(member, thread, source=FIRST) for _ in range(2)]
    for post in posts:
        edit(member, post, SECOND)
        post.refresh_from_db()

    posting.withdraw_post(by=member, post=posts[0])
    curating.remove(posts[1], version=2, reason="R01", message="Zo niet.")

    assert not PostRevision.objects.exists()
    for post in posts:
        assert reader.get(f"/posts/{post.pk}/history/").status_code == 404


def test_writer_may_leave_no_earlier_version(
    post: Post, member: Member, reader: Client
) -> None:
    edit(member, post, SECOND)

    edit(member, post, THIRD, forgets=True)

    assert not PostRevision.objects.exists()
    page = history(reader, post)
    assert FIRST not in page
    assert SECOND not in page
    assert "/history/" not in shown(post)


def test_form_offers_to_leave_none_once_others_could_read_it(
    member: Member, newcomer: Member, other_member: Member, client_for: ClientFor
) -> None:
    thread = make_thread(other_member)
    public = make_reply(member, thread, source=FIRST)
    waiting = make_reply(newcomer, thread, source=FIRST)
    writer = client_for(member)

    page = client_for(newcomer).get(f"/posts/{waiting.pk}/edit/").content.decode()
    assert 'name="forgets"' not in page
    path = f"/posts/{public.pk}/edit/"
    assert 'name="forgets"' in writer.get(path).content.decode()
    writer.post(path, {"source": SECOND, "version": "1", "forgets": "on"})

    public.refresh_from_db()
    assert (public.source, public.revisions.count()) == (SECOND, 0)


def test_edit_that_came_too_late_leaves_no_version(post: Post, member: Member) -> None:
    edit(member, post, SECOND)
    late = Post.objects.select_related("thread", "alias", "author").get(pk=post.pk)

    with pytest.raises(ValidationError):
        posting.edit_post(by=member, post=late, version=1, source=THIRD)

    assert list(PostRevision.objects.values_list("number", flat=True)) == [1]


def test_edit_in_owner_mode_keeps_the_earlier_version(
    post: Post, member: Member, reader: Client, client_for: ClientFor
) -> None:
    client = client_for(member)
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})

    client.post(f"/mine/anonymous/{post.pk}/edit/", {"source": SECOND, "version": "1"})

    assert FIRST in history(reader, post)
    assert Post.objects.get(pk=post.pk).state == PostState.PUBLISHED
