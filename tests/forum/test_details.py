from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils.translation import gettext

from accounts.models import Member
from forum import posting
from forum.exporting import own_texts
from forum.forms import new_form_key
from forum.models import Post, PostState, Thread
from moderation.models import ReviewItem
from tests.accounts.database import everything
from tests.accounts.entering import give_second_factor
from tests.factories import PASSWORD, SITUATION, make_thread
from tests.people import ClientFor

TOLD = {
    "pull_a": "…wil ik loyaal zijn.",
    "pull_b": "…zie ik dat dit kind **niet** kan wachten.",
    "people": "De kinderen uit de groep.",
    "tried": "Met drie mensen apart gesproken.",
    "touches": "Ik slaap er slecht van.",
    "timing": "soon",
}
CANARY = "kanariegeel"


def fields(**told: str) -> dict[str, str]:
    return {
        "title": "Volg ik het besluit of mijn team?",
        "category": "team",
        "ask": "advice",
        "source": SITUATION,
        "is_clean": "on",
        "form_key": new_form_key(),
        **told,
    }


def make_told(by: Member, *, under_alias: bool = False, **told: str) -> Post:
    return posting.start_thread(
        by=by,
        title="Volg ik het besluit of mijn team?",
        category="team",
        ask="advice",
        source=SITUATION,
        details=told or TOLD,
        under_alias=under_alias,
        form_key=new_form_key(),
    ).post


def page_of(client: Any, path: str) -> str:
    return str(client.get(path).content.decode())


def test_what_was_told_stands_in_the_thread_under_its_headings(
    member: Member, other_member: Member, client_for: ClientFor
) -> None:
    answer = client_for(member).post("/dilemmas/new/", fields(**TOLD))

    assert answer.status_code == 200
    thread = Thread.objects.get()
    page = page_of(client_for(other_member), f"/dilemmas/{thread.pk}/")
    headings = re.findall(r'<h2 class="calm">(.*?)</h2>', page)
    assert headings == [
        gettext("What is going on?"),
        gettext("On the one hand"),
        gettext("On the other hand"),
        gettext("Who does it touch?"),
        gettext("What did you do already?"),
        gettext("What does it do to you?"),
        gettext("When does it play?"),
    ]
    assert "dit kind <strong>niet</strong> kan wachten" in page
    assert gettext("I choose soon") in page


def test_dilemma_that_tells_nothing_more_has_no_headings(member: Member) -> None:
    post = make_thread(member).posts.get()

    assert post.details == {}
    assert 'class="calm"' not in post.fragments["nl"]


def test_field_with_blanks_only_is_as_good_as_empty(member: Member) -> None:
    assert make_told(member, tried=" \n\u200b ", people="Ik.").details == {
        "people": "Ik."
    }


def test_what_is_told_cannot_become_a_part_of_the_page(member: Member) -> None:
    post = make_told(member, tried="<script>1</script> <img src=x>")

    assert "<script" not in post.fragments["nl"]
    assert "<img" not in post.fragments["nl"]


def test_an_29_what_is_told_under_an_alias_loses_invisible_marks(
    member: Member,
) -> None:
    told = make_told(member, under_alias=True, touches="Ik\u200b slaap\u2009slecht")

    assert told.details == {"touches": "Ik slaap slecht"}


def test_checks_look_at_what_is_told_and_a_moderator_sees_what_they_saw(
    member: Member, moderator: Member, client_for: ClientFor
) -> None:
    give_second_factor(moderator)

    post = make_told(member, people="Ik.", tried="Mail mij op jan@school.nl hierover.")

    assert post.state == PostState.HELD
    item = ReviewItem.objects.get(post=post)
    assert "jan@school.nl" in item.source
    page = page_of(client_for(moderator), f"/moderation/items/{item.pk}/")
    assert re.search(r"<mark[^>]*>jan@school\.nl</mark> hierover", page)
    assert gettext("What did you do already?") in page


def test_edit_shows_and_changes_what_was_told(
    member: Member, client_for: ClientFor
) -> None:
    post = make_told(member)
    client = client_for(member)

    page = page_of(client, f"/posts/{post.pk}/edit/")
    told = {**fields(), **TOLD, "tried": "Nog niets.", "pull_a": "", "version": "1"}
    answer = client.post(f"/posts/{post.pk}/edit/", told)

    assert TOLD["touches"] in page
    assert '<details class="more-fields" open>' in page
    assert answer.status_code == 200
    post.refresh_from_db()
    assert post.details["tried"] == "Nog niets."
    assert "pull_a" not in post.details
    assert "Nog niets." in post.fragments["nl"]


def test_edit_that_adds_a_recognisable_detail_is_read_first(member: Member) -> None:
    post = make_told(member)

    post = posting.edit_post(
        by=member,
        post=post,
        version=1,
        source=SITUATION,
        title="Volg ik het besluit of mijn team?",
        category="team",
        details={"tried": "Bel 06 12345678."},
    )

    assert post.state == PostState.HELD


def test_owner_edits_what_was_told_under_an_alias(
    member: Member, client_for: ClientFor
) -> None:
    post = make_told(member, under_alias=True)
    client = client_for(member)
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})
    told = {**fields(), "tried": "Nog\u200b niets.", "version": "1"}

    client.post(f"/mine/anonymous/{post.pk}/edit/", told)

    post.refresh_from_db()
    assert post.details == {"tried": "Nog niets."}


def test_change_sent_after_owner_mode_ended_is_kept_whole(
    member: Member, client_for: ClientFor
) -> None:
    post = make_told(member, under_alias=True)
    client = client_for(member)
    client.post(
        f"/mine/anonymous/{post.pk}/edit/",
        {**fields(), "tried": "Nog niets.", "version": "1"},
    )
    client.post("/mine/anonymous/confirm/", {"password": PASSWORD})

    page = page_of(client, f"/mine/anonymous/{post.pk}/edit/?draft=1")

    assert "Nog niets." in page


@pytest.mark.parametrize("under_alias", [False, True])
def test_an_27_what_was_told_goes_with_the_text(
    member: Member, under_alias: bool
) -> None:
    post = make_told(member, under_alias=under_alias, touches=f"Ik zie {CANARY}.")
    assert CANARY in repr(readable())

    posting.withdraw_post(by=member, post=post)

    assert CANARY not in repr(readable())


def readable() -> dict[str, object]:
    """Every row, but for the layers of SQLite's index: `purge` merges those, and a test
    of search looks into the file after it.
    """
    return {
        table: rows
        for table, rows in everything().items()
        if not table.startswith("forum_findable_words")
    }


def test_own_texts_are_exported_with_what_was_told(member: Member) -> None:
    make_told(member)

    (text,) = own_texts(member)["texts"]

    assert len(text["details"]) == 6
    assert text["details"][-1] == {
        "heading": gettext("When does it play?"),
        "text": gettext("I choose soon"),
    }


def test_more_is_folded_until_it_holds_something_or_a_mistake(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)

    empty = page_of(client, "/dilemmas/new/")
    long = client.post("/dilemmas/new/", fields(people="x" * 1001))

    assert '<details class="more-fields">' in empty
    assert long.status_code == 422
    assert '<details class="more-fields" open>' in long.content.decode()
    assert not Post.objects.exists()


def test_text_that_was_handed_back_has_everything_that_was_told(
    member: Member, client_for: ClientFor
) -> None:
    client = client_for(member)
    client.logout()

    answer = client.post("/dilemmas/new/", fields(**TOLD))

    assert answer.status_code == 403
    for name in ("pull_a", "pull_b", "people", "tried", "touches"):
        assert TOLD[name] in answer.content.decode()
