"""How far a member read: a read of blinded rows, for that member alone."""

from __future__ import annotations

from accounts import readiness
from accounts.models import Member
from accounts.tags import Domain, own_tags
from forum.models import ReadMark, Thread


def read_numbers(member: Member, threads: list[Thread]) -> dict[str, int]:
    """Thread id by how far the member read there; threads never read are absent."""
    if not readiness.is_ready():
        return {}
    scopes = {thread.scope: thread.pk for thread in threads}
    tags = own_tags(member, Domain.READ, scopes)
    marks = ReadMark.objects.filter(tag__in=tags).values_list("tag", "number")
    return {scopes[tags[tag]]: number for tag, number in marks}
