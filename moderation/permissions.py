"""Who may review what: getters that answer 404, predicates for buttons and verbs."""

from __future__ import annotations

from django.http import Http404

from accounts.models import Application, Member
from accounts.tags import Domain, own_tag
from forum.aliases import is_own
from forum.models import Post, PostState
from forum.models.reasons import Reason
from forum.permissions import get_post
from moderation.models import SANCTIONS, Act, Flag, ReviewItem


def get_item(item_id: str) -> ReviewItem:
    """The item, open or closed; the caller has asked whether this is a moderator."""
    item = (
        ReviewItem.objects.filter(pk=item_id)
        .select_related(
            "post__thread",
            "post__author",
            "post__alias",
            "post__answers__author",
            "post__answers__alias",
            "application__member",
        )
        .first()
    )
    if item is None:
        raise Http404
    return item


def get_flaggable_post(member: Member, post_id: str) -> Post:
    """The post if its text stands in the room; a line that it left is no text."""
    post = get_post(member, post_id)
    if not post.is_online:
        raise Http404
    return post


def may_flag(member: Member) -> bool:
    """Every admitted member may, their own text included: it looks like anybody's."""
    return member.is_admitted


def is_party(member: Member, item: ReviewItem) -> bool:
    """Whether the member wrote the text, flagged it, or shares its author's board.

    Asked for the one member who wants to decide. For an application it is the
    applicant.
    """
    if item.post is None:
        return item.application is None or item.application.member_id == member.pk
    if is_own(member, item.post) or is_of_same_board(member, item.post):
        return True
    tag = own_tag(member, Domain.FLAG, item.post.scope)
    return Flag.objects.filter(tag=tag, item=item).exists()


def is_of_same_board(member: Member, post: Post) -> bool:
    """Whether the named author works for the member's own school board.

    Boards are what both told at their application, compared without case and spaces.
    An anonymous text is never looked at in this way: nobody knows whose it is.
    """
    if post.author_id is None:
        return False
    told = Application.objects.filter(member_id__in=[member.pk, post.author_id])
    boards = {
        member_id: "".join(board.casefold().split())
        for member_id, board in told.values_list("member_id", "board")
    }
    return bool(boards.get(member.pk)) and (
        boards[member.pk] == boards.get(post.author_id)
    )


def allowed_acts(item: ReviewItem) -> list[Act]:
    """What one moderator can do with the item as it is now."""
    if item.state == ReviewItem.State.CLOSED:
        return []
    if item.post is None:
        return [Act.ADMIT, Act.REFUSE]
    first = {
        PostState.HELD: [Act.PUBLISH, Act.RETURN, Act.HIDE],
        PostState.HIDDEN: [Act.PUBLISH, Act.RETURN],
        PostState.PUBLISHED: [Act.KEEP, Act.RETURN, Act.HIDE],
    }
    acts = first.get(PostState(item.post.state), [])
    if acts and not takes_two(item.post, Act.REMOVE, None):
        acts.append(Act.REMOVE)
    return acts


def allowed_sanctions(item: ReviewItem) -> list[Act]:
    """What one moderator can do about whoever wrote the text: each once per item."""
    if item.post is None or not allowed_acts(item):
        return []
    done = set(item.decisions.filter(act__in=SANCTIONS).values_list("act", flat=True))
    return [act for act in (Act.WARN, Act.PAUSE) if act not in done]


def has_sanction_for(reason: Reason | None) -> bool:
    """Whether a reason can cost somebody something: asking for help never does."""
    return reason != Reason.R10


def takes_two(post: Post, act: Act, reason: Reason | None) -> bool:
    """Whether one moderator alone may not do this.

    Removing an anonymous dilemma takes a place away that its author cannot find
    again by name; where a child may not be safe, nobody should judge alone.
    """
    if act != Act.REMOVE:
        return False
    return reason == Reason.R10 or (post.is_anonymous and post.is_dilemma)
