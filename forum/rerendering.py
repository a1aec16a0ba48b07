"""Texts and fragments that an earlier version of the code rendered, rendered anew."""

from __future__ import annotations

from collections.abc import Generator

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from forum import live, search
from forum.fragments import FRAGMENT_VERSION, post_fragments, thread_fragments
from forum.models import Post, ReplyKind, Thread
from forum.rendering import RENDERING_VERSION, render

BATCH = 500


def is_behind() -> bool:
    """Whether anything was rendered by an earlier version."""
    return _behind().exists()


def rerender(*, every: bool = False) -> Generator[int, None, None]:
    """Render what is behind, or ``every`` conversation; yields how many so far.

    One conversation in a transaction, behind its writers and before the next ones.
    Safe to run twice, at once, and after a kill. Only the rendering changes: no change
    number is raised, so that a page that is open shows the new one when it is reloaded.
    """
    done, after = 0, ""
    threads = Thread.objects.all() if every else _behind()
    while True:
        batch = threads.filter(pk__gt=after).order_by("pk")
        found = list(batch.only("pk")[:BATCH])
        done += sum(_rerender(thread, every=every) for thread in found)
        yield done
        if len(found) < BATCH:
            return
        after = found[-1].pk


def _behind() -> QuerySet[Thread]:
    texts = Post.objects.filter(
        thread=OuterRef("pk"), rendering_version__lt=RENDERING_VERSION
    )
    # What never stood in the room has no fragments.
    has_old_fragments = Q(change_number__gt=0, fragment_version__lt=FRAGMENT_VERSION)
    return Thread.objects.filter(has_old_fragments | Exists(texts))


def _rerender(thread: Thread, *, every: bool) -> bool:
    """False when somebody else was first."""
    with transaction.atomic():
        thread = live.lock_thread(thread)
        if not every and not _behind().filter(pk=thread.pk).exists():
            return False
        posts = thread.posts.select_related("author", "alias", "answers")
        has_new_html = False
        for post in posts.order_by("pk").iterator(chunk_size=100):
            post.thread = thread
            if every or post.rendering_version < RENDERING_VERSION:
                _rerender_html(post)
                has_new_html = True
            if post.was_public:
                post.fragments = post_fragments(post)
            post.save(update_fields=["html", "rendering_version", "fragments"])
        if thread.change_number:
            dilemma = posts.get(kind=ReplyKind.DILEMMA)
            thread.fragments = thread_fragments(thread, dilemma)
            thread.fragment_version = FRAGMENT_VERSION
            thread.save(update_fields=["fragments", "fragment_version"])
        if has_new_html and thread.is_listed:
            search.index_thread(thread)
    return True


def _rerender_html(post: Post) -> None:
    post.html = render(post.source)
    post.rendering_version = RENDERING_VERSION
    for revision in post.revisions.all():
        revision.html = render(revision.source)
        revision.save(update_fields=["html"])
