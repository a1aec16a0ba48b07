"""A member's own things: what stands ready, own named texts, drafts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import owner_mode, readiness
from accounts.drafts import drop_draft, list_drafts
from accounts.http import MemberRequest
from forum import live
from forum.models import Post
from forum.notifying import news_for

MOST = 100


@require_safe
def notification_list(request: MemberRequest) -> HttpResponse:
    # Read first: what changes in between is told once more.
    number = live.room_number()
    return render(
        request,
        "forum/notification_list.html",
        {"news": news_for(request.user), "number": number},
    )


@require_safe
def mine_list(request: MemberRequest) -> HttpResponse:
    """What the member wrote by name. Anonymous texts are behind owner mode."""
    posts = (
        Post.objects.by_name_of(request.user)
        .select_related("thread", "author", "alias")
        .order_by("-written_at", "-published_number")[:MOST]
    )
    return render(request, "forum/mine_list.html", {"posts": posts})


@require_safe
def draft_list(request: MemberRequest) -> HttpResponse:
    """Changes to anonymous texts are among them in owner mode only."""
    drafts = list_drafts(request.user)
    if not owner_mode.is_open(request):
        drafts = [draft for draft in drafts if not draft.is_owned]
    return render(
        request,
        "forum/draft_list.html",
        {"drafts": drafts},
    )


@require_POST
def draft_delete(request: MemberRequest, slot: int) -> HttpResponse:
    if not readiness.is_ready():
        return render(request, "accounts/writing_closed.html", status=503)
    if drop_draft(request.user, f"{slot}-{request.POST.get('mark', '')}"):
        messages.success(request, _("The draft is gone."))
    else:
        messages.info(request, _("This draft was changed meanwhile, or is gone."))
    return redirect("forum:draft_list")
