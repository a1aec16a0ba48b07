"""How far a member read and what they chose: blinded rows, for that member alone."""

from __future__ import annotations

from accounts import readiness
from accounts.models import Member
from accounts.tags import Domain, own_tag, own_tags
from forum.models import Post, Reaction, ReadMark, Thread


def read_numbers(member: Member, threads: list[Thread]) -> dict[str, int]:
    """Thread id by how far the member read there; threads never read are absent."""
    if not readiness.is_ready():
        return {}
    scopes = {thread.scope: thread.pk for thread in threads}
    tags = own_tags(member, Domain.READ, scopes)
    marks = ReadMark.objects.filter(tag__in=tags).values_list("tag", "number")
    return {scopes[tags[tag]]: number for tag, number in marks}


def own_word(member: Member, post: Post) -> str:
    """The word that the member chose for ``post``; empty when they chose none."""
    if not readiness.is_ready():
        return ""
    tag = own_tag(member, Domain.REACT, post.scope)
    chosen = Reaction.objects.filter(tag=tag).values_list("word", flat=True)
    return chosen.first() or ""
