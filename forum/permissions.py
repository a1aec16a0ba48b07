"""What a member may see (getters that answer 404) and may do (predicates)."""

from __future__ import annotations

from django.http import Http404

from accounts.models import Member
from forum.aliases import is_own
from forum.models import Ask, Post, ReplyKind, Thread


def get_thread(member: Member, thread_id: str) -> Thread:
    """The thread if the member may see it; absence and secrecy look alike."""
    thread = Thread.objects.visible_to(member).filter(pk=thread_id).first()
    if thread is None:
        raise Http404
    return thread


def get_post(member: Member, post_id: str) -> Post:
    """The post if it stands in the room; raises 404 otherwise."""
    post = (
        Post.objects.visible_to(member)
        .filter(pk=post_id)
        .select_related("thread", "author", "alias", "answers")
        .first()
    )
    if post is None:
        raise Http404
    return post


def get_named_post(member: Member, post_id: str) -> Post:
    """A text that the member wrote by name, in any state; 404 for everything else."""
    post = (
        Post.objects.by_name_of(member)
        .filter(pk=post_id)
        .select_related("thread", "author", "alias", "answers")
        .first()
    )
    if post is None:
        raise Http404
    return post


def get_named_dilemma(member: Member, thread_id: str) -> Post:
    """The dilemma of a thread that the member started by name; 404 otherwise."""
    post = (
        Post.objects.by_name_of(member)
        .filter(thread=thread_id, kind=ReplyKind.DILEMMA)
        .select_related("thread", "author", "alias")
        .first()
    )
    if post is None:
        raise Http404
    return post


def get_owned_post(member: Member, post_id: str) -> Post:
    """A text under an alias of the member's own; asked in owner mode only."""
    post = (
        Post.objects.filter(pk=post_id, alias__isnull=False)
        .select_related("thread", "author", "alias", "answers")
        .first()
    )
    if post is None or not is_own(member, post):
        raise Http404
    return post


def may_write(member: Member) -> bool:
    """Whether the member may write at all."""
    return member.is_admitted


def may_reply(member: Member, thread: Thread) -> bool:
    """Whether the member may add a reply now."""
    return may_write(member) and takes_replies(thread)


def takes_replies(thread: Thread) -> bool:
    """Whether anybody may reply: the dilemma is online, not locked and not resting."""
    return takes_outcome(thread) and not thread.is_resting


def takes_outcome(thread: Thread) -> bool:
    """Whether its author may tell how it turned out: that may wait a long time."""
    return thread.is_listed and not thread.is_locked


def may_change(member: Member, post: Post) -> bool:
    """Whether the member may edit or withdraw the post: their own, and not gone."""
    return may_write(member) and post.is_editable and is_own(member, post)


def may_ask(member: Member, post: Post) -> bool:
    """Whether the member may say what readers are asked for: it is their dilemma."""
    return post.is_dilemma and may_change(member, post)


def may_tell_outcome(member: Member, post: Post) -> bool:
    """Whether the member may tell how ``post`` turned out: a dilemma of their own."""
    return may_ask(member, post) and takes_outcome(post.thread)


def may_wake(member: Member, post: Post) -> bool:
    """Whether the member may wake the thread of ``post``, a dilemma of their own."""
    return may_ask(member, post) and post.is_online


def allowed_kinds(ask: str) -> list[ReplyKind]:
    """The kinds of reply that fit what the author asked for."""
    kinds = [
        ReplyKind.QUESTION,
        ReplyKind.EXPERIENCE,
        ReplyKind.PERSPECTIVE,
        ReplyKind.ADVICE,
        ReplyKind.SUPPORT,
        ReplyKind.POINTER,
    ]
    if ask != Ask.ADVICE:
        kinds.remove(ReplyKind.ADVICE)
    if ask == Ask.LISTEN:
        kinds.remove(ReplyKind.PERSPECTIVE)
    return kinds
