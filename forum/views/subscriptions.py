"""Follow, mute, save, and how far somebody read: a POST address each."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import readiness
from accounts.http import MemberRequest
from forum import subscribing
from forum.models import Category
from forum.permissions import get_thread


@require_POST
def subscription(request: MemberRequest, thread_id: str) -> HttpResponse:
    thread = get_thread(request.user, thread_id)
    try:
        subscribing.follow(
            by=request.user, thread=thread, on=request.POST.get("on") == "1"
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("forum:thread_detail", thread_id)


@require_POST
def mute(request: MemberRequest, thread_id: str) -> HttpResponse:
    thread = get_thread(request.user, thread_id)
    try:
        subscribing.mute(
            by=request.user, thread=thread, on=request.POST.get("on") == "1"
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("forum:thread_detail", thread_id)


@require_POST
def theme_subscription(request: MemberRequest, category: str) -> HttpResponse:
    """Follow a theme, leave it out of the lists, or neither."""
    wish = request.POST.get("wish", "")
    if category not in Category.values or wish not in subscribing.ThemeWish.values:
        raise Http404
    try:
        subscribing.wish_theme(
            by=request.user,
            category=Category(category),
            wish=subscribing.ThemeWish(wish),
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(f"{reverse('forum:thread_list')}?theme={category}")


@require_POST
def bookmark(request: MemberRequest, thread_id: str) -> HttpResponse:
    thread = get_thread(request.user, thread_id)
    try:
        subscribing.save(
            by=request.user, thread=thread, on=request.POST.get("on") == "1"
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("forum:thread_detail", thread_id)


@require_POST
def read_mark(request: MemberRequest, thread_id: str) -> HttpResponse:
    """How far was really shown; a script sends it, a button does without one."""
    thread = get_thread(request.user, thread_id)
    number = request.POST.get("number", "")
    if readiness.is_ready() and number.isdecimal() and len(number) < 10:
        subscribing.mark_read(by=request.user, thread=thread, number=int(number))
    if "button" in request.POST:
        return redirect("forum:thread_list")
    return HttpResponse(status=204)
