from __future__ import annotations

import threading
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from directeurskamer.management.commands.serve import Command as Serve
from forum import curating, posting, reacting, rerendering
from forum.fragments import FRAGMENT_VERSION, post_fragments
from forum.models import Findable, Post, PostRevision, ReactionWord, Thread
from forum.rendering import RENDERING_VERSION
from tests.factories import make_member, make_replies, make_reply, make_thread

OLD = {"nl": "<p>oud</p>", "en": "<p>old</p>"}


@pytest.fixture
def thread(db: None) -> Thread:
    """Texts in every state that has another rendering, or none."""
    author, other, newcomer = (
        make_member(),
        make_member(),
        make_member(admitted_days_ago=1),
    )
    thread = make_thread(author, source="Een **dilemma**. " * 20)
    first = make_reply(other, thread, source="Eerste _antwoord_.")
    make_reply(make_member(), thread, answers=first, under_alias=True)
    posting.edit_post(by=other, post=first, version=1, source="Nu *anders*.")
    gone = make_reply(other, thread, source="Dit gaat weg.")
    hidden = make_reply(make_member(), thread, source="Dit is te herkenbaar.")
    make_reply(newcomer, thread, source="Dit wacht.")
    make_reply(author, thread, source="Dit komt later.", release_at=timezone.now())
    posting.withdraw_post(by=other, post=gone)
    with transaction.atomic():
        curating.hide(hidden, version=1, reason="R03", message="")
    for _ in range(3):
        reacting.react(by=make_member(), post=first, word=ReactionWord.FEEL)
    return Thread.objects.get(pk=thread.pk)


def everything() -> list[list[dict[str, Any]]]:
    models: tuple[Any, ...] = (Thread, Post, PostRevision, Findable)
    return [list(model.objects.order_by("pk").values()) for model in models]


def make_old(*, texts: bool = True, fragments: bool = True) -> None:
    """As if an earlier version had rendered what there is."""
    if texts:
        Post.objects.update(rendering_version=RENDERING_VERSION - 1, html="<p>oud</p>")
        PostRevision.objects.update(html="<p>oud</p>")
        Findable.objects.update(stems="oud")
    if fragments:
        Post.objects.filter(was_public=True).update(fragments=OLD)
        Thread.objects.exclude(change_number=0).update(
            fragments={}, fragment_version=FRAGMENT_VERSION - 1
        )


def rerender(**options: Any) -> int:
    return list(rerendering.rerender(**options))[-1]


@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize("fragments", [True, False])
def test_what_is_behind_becomes_what_it_would_be_and_nothing_else_changes(
    thread: Thread, texts: bool, fragments: bool
) -> None:
    before = everything()
    make_old(texts=texts, fragments=fragments)
    is_behind = texts or fragments
    assert rerendering.is_behind() == is_behind

    done = rerender()

    assert everything() == before
    assert done == is_behind
    assert not rerendering.is_behind()


def test_second_run_writes_nothing(thread: Thread) -> None:
    make_old()
    rerender()

    with CaptureQueriesContext(connection) as queries:
        assert rerender() == 0

    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []


def test_everything_is_rendered_when_it_is_asked(thread: Thread) -> None:
    before = everything()
    Post.objects.filter(was_public=True).update(fragments=OLD, html="<p>oud</p>")
    assert rerender() == 0

    assert rerender(every=True) == 1

    assert everything() == before


def test_dilemma_that_never_stood_in_the_room_keeps_having_no_fragments(
    newcomer: Member,
) -> None:
    thread = make_thread(newcomer)
    before = everything()
    assert not rerendering.is_behind()
    make_old()

    assert rerender() == 1

    assert everything()[:2] == before[:2]
    assert (thread.fragments, thread.posts.get().fragments) == ({}, {})


def test_a_change_in_an_old_conversation_does_not_hide_that_it_is_behind(
    thread: Thread,
) -> None:
    assert thread.fragment_version == FRAGMENT_VERSION
    make_old(texts=False)

    make_replies(make_member(), thread, 1)

    assert rerendering.is_behind()
    assert rerender() == 1
    assert not Post.objects.filter(fragments=OLD).exists()


def test_run_that_was_broken_off_is_gone_on_with(
    thread: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_thread(make_member())
    before = everything()
    make_old()
    monkeypatch.setattr(rerendering, "BATCH", 2)

    broken_off = rerendering.rerender()
    assert next(broken_off) == 2
    broken_off.close()

    assert rerendering.is_behind()
    assert list(rerendering.rerender()) == [2, 2]
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_several_at_once_and_people_who_write_meanwhile(thread: Thread) -> None:
    threads = [thread, *(make_thread(make_member()) for _ in range(3))]
    make_old()
    author = make_member()
    done: list[int] = []
    faults: list[BaseException] = []
    acts: list[Callable[[], object]] = [
        lambda: done.append(rerender()),
        lambda: done.append(rerender()),
        *(lambda each=each: make_replies(author, each, 3) for each in threads),
    ]
    start = threading.Barrier(len(acts))

    def work(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    running = [threading.Thread(target=work, args=(act,)) for act in acts]
    for worker in running:
        worker.start()
    for worker in running:
        worker.join()

    assert faults == []
    assert sum(done) == len(threads)
    assert not rerendering.is_behind()
    posts = Post.objects.filter(was_public=True)
    for post in posts.select_related("thread", "author", "alias", "answers"):
        assert post.fragments == post_fragments(post)
    for each in threads:
        found = Thread.objects.get(pk=each.pk)
        assert found.change_number == each.change_number + 3
        assert found.reply_count == each.reply_count + 3


def test_command_tells_how_far_it_is(thread: Thread) -> None:
    make_old()
    output = StringIO()

    call_command("rerender_posts", stdout=output)
    call_command("rerender_posts", stdout=output)
    call_command("rerender_posts", "--all", stdout=output)

    assert output.getvalue().splitlines() == [
        f"{number} conversations rendered anew." for number in (1, 0, 1)
    ]


def test_demo_renders_anew_when_it_starts_behind(
    db: None, settings: Any, tmp_path: Path
) -> None:
    settings.DEMO = True
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    output = StringIO()
    serve = Serve(stdout=output)
    serve.prepare_demo("127.0.0.1", 8000)
    assert "rendered anew" not in output.getvalue()
    Thread.objects.update(fragment_version=FRAGMENT_VERSION - 1)

    serve.prepare_demo("127.0.0.1", 8000)

    assert f"{Thread.objects.count()} conversations rendered anew." in output.getvalue()
    assert not rerendering.is_behind()
