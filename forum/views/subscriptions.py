"""Follow, save, and how far somebody read: a POST address each."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import readiness
from accounts.http import MemberRequest
from forum import subscribing
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
