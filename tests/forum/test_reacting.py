from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.limits import MOST_REACTIONS, TooFast
from accounts.models import Member
from forum import curating, live, posting, reacting
from forum.models import Post, Reaction, ReactionWord, Thread
from forum.reading import own_word
from tests.factories import make_member, make_reply, make_thread
from tests.forum.test_posting import in_parallel

RECOGNISE, FEEL, HELP = ReactionWord


@pytest.fixture
def post(member: Member) -> Post:
    return make_thread(member).posts.get()


def react(post: Post, word: ReactionWord | None = RECOGNISE, times: int = 1) -> None:
    for _ in range(times):
        reacting.react(by=make_member(), post=post, word=word)


def html(post: Post) -> str:
    return str(Post.objects.get(pk=post.pk).fragments["en"])


def number(post: Post) -> int:
    return Thread.objects.get(pk=post.thread_id).change_number


@pytest.mark.parametrize("word", ReactionWord)
def test_sentence_tells_of_somebody_and_from_three_on_of_more(
    post: Post, word: ReactionWord
) -> None:
    with translation.override("en"):
        somebody, more = (str(word.sentence(is_many=many)) for many in (False, True))
    assert somebody not in html(post)

    found = []
    for _ in range(4):
        react(post, word)
        found.append((somebody in html(post), more in html(post)))

    assert found == [(True, False), (True, False), (False, True), (False, True)]


def test_change_number_is_raised_only_when_the_words_change(post: Post) -> None:
    numbers = [number(post)]

    for _ in range(4):
        react(post)
        numbers.append(number(post))

    assert numbers == [1, 2, 2, 3, 3]


def test_reaction_changes_nothing_in_the_list(post: Post, member: Member) -> None:
    fields = ("room_number", "risen_number", "news_number", "fragments")
    room = live.room_number()
    before = Thread.objects.values_list(*fields).get(pk=post.thread_id)

    react(post, times=3)

    assert Thread.objects.values_list(*fields).get(pk=post.thread_id) == before
    assert live.room_number() == room


def test_choosing_again_changes_the_word_and_none_takes_it_away(
    post: Post, other_member: Member
) -> None:
    for word in (FEEL, HELP, HELP):
        reacting.react(by=other_member, post=post, word=word)
        assert own_word(other_member, post) == word
        assert Reaction.objects.count() == 1
    assert "This helps somebody on." in html(post)

    reacting.react(by=other_member, post=post, word=None)

    assert own_word(other_member, post) == ""
    assert not Reaction.objects.exists()
    assert "felt" not in html(post)


def test_reaction_to_ones_own_text_looks_like_anybodys(
    post: Post, member: Member, other_member: Member
) -> None:
    reacting.react(by=member, post=post, word=RECOGNISE)
    by_writer = html(post)
    reacting.react(by=member, post=post, word=None)

    reacting.react(by=other_member, post=post, word=RECOGNISE)

    assert html(post) == by_writer


def test_no_two_rows_of_one_member_share_anything(
    post: Post, member: Member, other_member: Member
) -> None:
    other = make_thread(member).posts.get()
    for each in (post, other):
        reacting.react(by=other_member, post=each, word=FEEL)

    rows = list(Reaction.objects.order_by("pk").values("tag", "post_id"))

    assert [field.name for field in Reaction._meta.fields] == ["tag", "post", "word"]
    assert len({value for row in rows for value in row.values()}) == 4


def test_withdrawing_and_removing_take_the_reactions_along(
    post: Post, member: Member, other_member: Member
) -> None:
    replies = [make_reply(other_member, post.thread) for _ in range(3)]
    for each in replies:
        react(each, times=3)

    posting.withdraw_post(by=other_member, post=replies[0])
    curating.remove(replies[1], version=1, reason="R01", message="Zo niet.")

    assert set(Reaction.objects.values_list("post_id", flat=True)) == {replies[2].pk}
    for gone in replies[:2]:
        assert "recognise" not in html(gone)
        with pytest.raises(ValidationError):
            react(gone)


def test_hidden_text_shows_none_until_it_is_back(
    post: Post, other_member: Member
) -> None:
    react(post)
    curating.hide(post, version=1, reason="R03", message="Te herkenbaar.")
    assert "Somebody recognises this." not in html(post)

    curating.release(Post.objects.get(pk=post.pk), version=1)

    assert "Somebody recognises this." in html(post)


def test_sixty_in_ten_minutes_is_the_most_and_leaves_room_for_texts(
    post: Post, other_member: Member
) -> None:
    for turn in range(MOST_REACTIONS):
        word = HELP if turn % 2 else FEEL
        reacting.react(by=other_member, post=post, word=word)

    with pytest.raises(TooFast):
        reacting.react(by=other_member, post=post, word=None)

    make_reply(other_member, post.thread)


def test_frame_holds_the_one_text_and_tells_of_no_member(
    post: Post, member: Member, other_member: Member
) -> None:
    reply = make_reply(other_member, post.thread)
    make_reply(member, post.thread, answers=reply)
    before = number(post)

    react(reply)

    frame = live.thread_changes(post.thread, before, "nl")
    assert [part["id"] for part in frame["parts"]] == [f"post-{reply.pk}"]
    assert (frame["number"], frame["parts"][0]["is_new"]) == (before + 1, False)


def test_choice_that_changes_no_words_writes_one_row_only(post: Post) -> None:
    react(post)
    another = make_member()

    with CaptureQueriesContext(connection) as queries:
        reacting.react(by=another, post=post, word=RECOGNISE)

    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE"))]
    assert len(written) == 1
    assert "forum_reaction" in written[0]


@pytest.mark.django_db(transaction=True)
def test_two_who_react_at_once_are_both_counted() -> None:
    post = make_thread(make_member()).posts.get()
    react(post)

    faults = in_parallel(lambda: react(post), lambda: react(post))

    assert not faults
    assert Reaction.objects.count() == 3
    assert "More people recognise this." in html(post)
    assert number(post) == 3


@pytest.mark.django_db(transaction=True)
def test_one_who_presses_twice_at_once_has_one_row() -> None:
    post, reader = make_thread(make_member()).posts.get(), make_member()

    def press() -> None:
        reader = Member.objects.get(pk=reader_id)
        reacting.react(by=reader, post=post, word=RECOGNISE)

    reader_id = reader.pk
    faults = in_parallel(press, press)

    assert not faults
    assert Reaction.objects.count() == 1
    assert number(post) == 2


@pytest.mark.django_db(transaction=True)
def test_reaction_and_withdrawal_at_once_leave_no_row() -> None:
    writer = make_member()
    post = make_reply(writer, make_thread(make_member()))

    in_parallel(
        lambda: react(post),
        lambda: posting.withdraw_post(by=writer, post=Post.objects.get(pk=post.pk)),
    )

    assert not Reaction.objects.exists()
