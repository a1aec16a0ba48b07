"""Tells a member, once, that an alias of theirs was unsealed; also outside owner mode.

Found by the member's own tags, so it comes to nobody whose secret was replaced.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from accounts import readiness
from accounts.models import Member
from accounts.tags import Domain, own_tag, own_tags
from moderation.models import Notice, UnsealingRequest


def untold(member: Member) -> list[UnsealingRequest]:
    """Unsealings of the member's own aliases that they did not read about yet.

    One query, and a second one for whoever was unsealed; nothing without a key ring.
    """
    if not readiness.is_ready():
        return []
    opened = list(_opened())
    if not opened:
        return []
    scopes = {request.post.thread.scope for request in opened}
    tags = own_tags(member, Domain.AUTHOR, scopes)
    own = {
        own_tag(member, Domain.NOTICE, request.pk): request
        for request in opened
        if request.post.alias and request.post.alias.tag in tags
    }
    if not own:
        return []
    read = set(Notice.objects.filter(tag__in=own).values_list("tag", flat=True))
    return [request for tag, request in own.items() if tag not in read]


def get_own(member: Member, request_id: str) -> UnsealingRequest:
    """The unsealing, if it was of an alias of the member; 404 otherwise.

    Without a key ring nothing is anybody's.
    """
    is_ready = readiness.is_ready()
    request = _opened().filter(pk=request_id).first() if is_ready else None
    alias = request.post.alias if request else None
    if request is None or alias is None:
        raise Http404
    if alias.tag != own_tag(member, Domain.AUTHOR, request.post.thread.scope):
        raise Http404
    return request


def mark_told(*, by: Member, request: UnsealingRequest) -> None:
    """Remember under the member's own tag that they read it; twice changes nothing."""
    tag = own_tag(by, Domain.NOTICE, request.pk)
    Notice.objects.get_or_create(tag=tag)


def _opened() -> models.QuerySet[UnsealingRequest]:
    """What members may hear about: a writer was found, and no order forbids it now."""
    may_be_told = Q(ban_until=None) | Q(ban_until__lt=timezone.localdate())
    return (
        UnsealingRequest.objects.filter(
            may_be_told, state=UnsealingRequest.State.OPENED, found=True
        )
        .select_related("post__thread", "post__alias")
        .order_by("opened_at", "pk")
    )
