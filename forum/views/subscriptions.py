"""Follow, mute, save, react, and how far somebody read: a POST address each."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import readiness
from accounts.http import MemberRequest
from forum import reacting, subscribing
from forum.models import Category, ReactionWord
from forum.permissions import get_post, get_thread


@require_POST
def subscription(request: MemberRequest, thread_id: str) -> HttpResponse:
    return _put_on_shelf(request, thread_id, subscribing.follow)


@require_POST
def mute(request: MemberRequest, thread_id: str) -> HttpResponse:
    return _put_on_shelf(request, thread_id, subscribing.mute)


def _put_on_shelf(
    request: MemberRequest, thread_id: str, verb: Callable[..., None]
) -> HttpResponse:
    """Do ``verb`` with the thread, or take that back; a refusal is told on its page."""
    thread = get_thread(request.user, thread_id)
    try:
        verb(by=request.user, thread=thread, on=request.POST.get("on") == "1")
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
    return _put_on_shelf(request, thread_id, subscribing.save)


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


@require_POST
def unread_mark(request: MemberRequest, post_id: str) -> HttpResponse:
    """Leads to the list: a look at the conversation would mark it as read again."""
    post = get_post(request.user, post_id)
    if readiness.is_ready():
        subscribing.mark_unread(by=request.user, post=post)
        messages.success(request, _("From that message on it is unread for you."))
    return redirect("forum:thread_list")


@require_POST
def reaction(request: MemberRequest, post_id: str) -> HttpResponse:
    """A word about a text; an empty one takes the member's own away."""
    post = get_post(request.user, post_id)
    word = request.POST.get("word", "")
    if word and word not in ReactionWord.values:
        raise Http404
    try:
        reacting.react(
            by=request.user, post=post, word=ReactionWord(word) if word else None
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(reverse("forum:post_detail", args=[post_id]) + "#reactions")
