"""One post: its permanent page, editing and taking away, by name and in owner mode."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import group, owner_mode, readiness
from accounts.drafts import get_draft, save_draft
from accounts.http import MemberRequest
from accounts.middleware import keep_text
from accounts.owner_mode import owner_required
from forum import posting
from forum.aliases import own_aliases
from forum.forms import DilemmaEditForm, ReplyAgainForm, ReplyEditForm
from forum.fragments import finished
from forum.models import Post, ReplyKind
from forum.permissions import get_named_post, get_owned_post, get_post, may_change
from forum.views.threads import refusal_status


@require_safe
def post_detail(request: MemberRequest, post_id: str) -> HttpResponse:
    """A post on its own page; its named author also sees its state and controls.

    Of an anonymous post the page is the same for everybody, its author included.
    """
    member = request.user
    try:
        post = get_named_post(member, post_id)
    except Http404:
        post = get_post(member, post_id)
    is_own = post.author_id == member.pk
    return render(
        request,
        "forum/post_detail.html",
        {
            "post": post,
            "fragment": finished(post.fragments.get(get_language() or "nl", "")),
            "is_own": is_own,
            "may_change": is_own and may_change(member, post),
            "edit_name": "forum:post_edit",
            "withdraw_name": "forum:post_withdraw",
        },
    )


def post_edit(request: MemberRequest, post_id: str) -> HttpResponse:
    return _edit(request, get_named_post(request.user, post_id))


def post_withdraw(request: MemberRequest, post_id: str) -> HttpResponse:
    return _withdraw(request, get_named_post(request.user, post_id))


@owner_required
@require_safe
def owned_list(request: MemberRequest) -> HttpResponse:
    """What the member wrote under an alias, found by their own tags."""
    posts = (
        Post.objects.filter(alias__in=own_aliases(request.user))
        .select_related("thread", "alias")
        .order_by("-written_at", "-published_number")
    )
    return render(request, "forum/owned_list.html", {"posts": posts})


@owner_required
@require_safe
def owned_detail(request: MemberRequest, post_id: str) -> HttpResponse:
    post = get_owned_post(request.user, post_id)
    return render(
        request,
        "forum/post_detail.html",
        {
            "post": post,
            "fragment": finished(post.fragments.get(get_language() or "nl", "")),
            "is_own": True,
            "may_change": may_change(request.user, post),
            "edit_name": "forum:owned_edit",
            "withdraw_name": "forum:owned_withdraw",
        },
    )


def owned_edit(request: MemberRequest, post_id: str) -> HttpResponse:
    """Edit under an alias. A text sent after the fifteen minutes becomes a draft.

    That draft is shown in owner mode only, since it would tell whose the text is.
    """
    if request.method == "POST" and not owner_mode.is_open(request):
        fields = {
            name: request.POST.get(name, "") for name in ("title", "category", "source")
        }
        try:
            save_draft(request.user, {**fields, "owned": post_id})
        except ValidationError:
            return keep_text(request, "403_csrf.html")
        messages.info(
            request, _("The fifteen minutes were over. Your text is a draft now.")
        )
        return owner_mode.ask(request, reverse("forum:draft_list"))
    return _owned_edit(request, post_id)


@owner_required
def _owned_edit(request: MemberRequest, post_id: str) -> HttpResponse:
    return _edit(request, get_owned_post(request.user, post_id))


@owner_required
def owned_withdraw(request: MemberRequest, post_id: str) -> HttpResponse:
    return _withdraw(request, get_owned_post(request.user, post_id))


def _edit_form_class(post: Post) -> type[Form]:
    if post.is_dilemma:
        return DilemmaEditForm
    if post.hindrance and post.kind != ReplyKind.ANSWER:
        return ReplyAgainForm
    return ReplyEditForm


def _edit(request: MemberRequest, post: Post) -> HttpResponse:
    if not may_change(request.user, post):
        raise Http404
    form = _edit_form_class(post)(
        request.POST or None,
        initial={
            "title": post.thread.title,
            "category": post.thread.category,
            "source": post.source,
            "kind": post.kind,
            **_draft_fields(request, post),
            "version": post.version,
        },
    )
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            post = posting.edit_post(
                by=request.user,
                post=post,
                version=told["version"],
                source=told["source"],
                title=told.get("title"),
                category=told.get("category"),
                kind=told.get("kind"),
            )
        except ValidationError as error:
            form.add_error(None, error)
            status = refusal_status(error)
        else:
            return render(request, "forum/post_edited.html", {"post": post})
    return render(
        request,
        "forum/post_form.html",
        {"form": form, "post": post, "is_group_small": group.is_small()},
        status=status,
    )


def _draft_fields(request: MemberRequest, post: Post) -> dict[str, str]:
    """What `?draft=` names, when it is a change to this anonymous text."""
    slot = request.GET.get("draft", "")
    if not (post.is_anonymous and slot.isdecimal() and len(slot) < 3):
        return {}
    draft = get_draft(request.user, int(slot))
    return draft.fields if draft and draft.fields.get("owned") == post.pk else {}


def _withdraw(request: MemberRequest, post: Post) -> HttpResponse:
    if request.method != "POST":
        if not may_change(request.user, post):
            raise Http404
        return render(request, "forum/post_withdraw.html", {"post": post})
    if not readiness.is_ready():
        return render(request, "accounts/writing_closed.html", status=503)
    posting.withdraw_post(by=request.user, post=post)
    messages.success(request, _("Taken away. The words are gone."))
    return redirect("forum:owned_list" if post.is_anonymous else "forum:mine_list")
