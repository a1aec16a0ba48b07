"""What a moderator's act does to a post. No actor and no refusal: the import contract
names the only callers, and they ask who may."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import tombstones
from forum import live
from forum.models import Post, PostRevision, PostState, Reaction


def release(post: Post, *, version: int) -> None:
    """held or hidden → published."""
    _move(post, PostState.PUBLISHED, (PostState.HELD, PostState.HIDDEN), version)


def send_back(post: Post, *, version: int, reason: str, message: str) -> None:
    """held, published or hidden → returned, with what the author reads."""
    _move(
        post,
        PostState.RETURNED,
        (PostState.HELD, PostState.PUBLISHED, PostState.HIDDEN),
        version,
        reason,
        message,
    )


def hide(post: Post, *, version: int, reason: str, message: str) -> None:
    """held or published → hidden, until the author edits it."""
    _move(
        post,
        PostState.HIDDEN,
        (PostState.HELD, PostState.PUBLISHED),
        version,
        reason,
        message,
    )


def remove(post: Post, *, version: int, reason: str, message: str) -> None:
    """held, published, hidden or returned → removed; the text is kept for an appeal.

    Reactions and earlier versions go at once.
    Raises KeyRingMissing without a key ring: it leaves a tombstone.
    """
    _move(
        post,
        PostState.REMOVED,
        (
            PostState.HELD,
            PostState.PUBLISHED,
            PostState.HIDDEN,
            PostState.RETURNED,
        ),
        version,
        reason,
        message,
    )
    # Behind the thread's row, which `_move` holds: no reaction can come after this.
    Reaction.objects.filter(post=post).delete()
    PostRevision.objects.filter(post=post).delete()
    tombstones.write(tombstones.Kind.REMOVED, post.pk, reason)


def _move(
    post: Post,
    state: PostState,
    expected: tuple[PostState, ...],
    version: int,
    reason: str = "",
    message: str = "",
) -> None:
    """One conditional update: the text that was read, in a state that was expected.

    Runs in the caller's transaction; raises ValidationError when the text changed.
    """
    thread = live.lock_thread(post.thread)
    moved = Post.objects.filter(pk=post.pk, version=version, state__in=expected).update(
        state=state, reason=reason, message=message
    )
    if not moved:
        raise ValidationError(
            _("The writer changed this text just now. Read it once more.")
        )
    post.refresh_from_db()
    if post.is_online or post.was_public:
        live.change(thread, posts=[post], may_rise=post.is_online)
