"""One post: its permanent page, editing and taking away, by name and in owner mode."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import group, owner_mode, readiness
from accounts.drafts import get_draft, save_draft
from accounts.http import MemberRequest
from accounts.middleware import keep_text
from accounts.models import Member
from accounts.owner_mode import owner_required
from forum import asking, posting
from forum.aliases import own_aliases
from forum.forms import (
    AskForm,
    DetailsForm,
    DilemmaEditForm,
    HintedForm,
    OutcomeEditForm,
    ReplyAgainForm,
    ReplyEditForm,
)
from forum.fragments import finished, words_of
from forum.models import Ask, AskedOutcome, Post, ReactionWord, ReplyKind
from forum.models.details import HEADINGS
from forum.permissions import (
    get_named_dilemma,
    get_named_post,
    get_owned_post,
    get_post,
    may_ask,
    may_change,
    may_reply,
    may_tell_outcome,
    may_wake,
)
from forum.reading import own_word
from forum.views.hints import hints_before, is_about_hints, switch_off_asked
from forum.views.threads import refusal_status


@require_safe
def post_detail(request: MemberRequest, post_id: str) -> HttpResponse:
    """A post on its own page; its named author also sees its state and controls.

    Of an anonymous post the page is the same for everybody, its author included, but
    for the reader's own reaction, which is read by their tag like a read mark.
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
            "words": ReactionWord if post.is_online else (),
            "may_reply": may_reply(member, post.thread),
            "own_word": own_word(member, post) if post.is_online else "",
            "is_own": is_own,
            "may_change": is_own and may_change(member, post),
            **(_asked(member, post) if is_own else {}),
            "edit_name": "forum:post_edit",
            "withdraw_name": "forum:post_withdraw",
        },
    )


@require_safe
def post_history(request: MemberRequest, post_id: str) -> HttpResponse:
    """Earlier versions of a text that stands in the room; of any other, 404."""
    post = get_post(request.user, post_id)
    if not post.is_online:
        raise Http404
    revisions = post.revisions.order_by("-number")
    return render(
        request,
        "forum/post_history.html",
        {
            "post": post,
            "revisions": [(each, words_of(each)) for each in revisions],
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
    asked = [post for post in posts if _is_asked(post)]
    return render(request, "forum/owned_list.html", {"posts": posts, "asked": asked})


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
            **_asked(request.user, post),
            "edit_name": "forum:owned_edit",
            "withdraw_name": "forum:owned_withdraw",
        },
    )


def owned_edit(request: MemberRequest, post_id: str) -> HttpResponse:
    """Edit under an alias. A text sent after the fifteen minutes becomes a draft.

    That draft is shown in owner mode only, since it would tell whose the text is.
    """
    if request.method == "POST" and not owner_mode.is_open(request):
        names = ("title", "category", "source", *HEADINGS)
        return keep_owned(request, post_id, names)
    return _owned_edit(request, post_id)


def keep_owned(
    request: MemberRequest, post_id: str, names: Iterable[str], **more: str
) -> HttpResponse:
    """Keep what was sent about an anonymous text as a draft, and ask for the proof."""
    fields = {name: request.POST.get(name, "") for name in names}
    try:
        save_draft(request.user, {**fields, "owned": post_id, **more})
    except ValidationError:
        return keep_text(request, "403_csrf.html")
    messages.info(
        request, _("The fifteen minutes were over. Your text is a draft now.")
    )
    return owner_mode.ask(request, reverse("forum:draft_list"))


@owner_required
def _owned_edit(request: MemberRequest, post_id: str) -> HttpResponse:
    return _edit(request, get_owned_post(request.user, post_id))


@owner_required
def owned_withdraw(request: MemberRequest, post_id: str) -> HttpResponse:
    return _withdraw(request, get_owned_post(request.user, post_id))


def _asked(member: Member, post: Post) -> dict[str, object]:
    """What the author of a dilemma can ask for, and the questions in their thread."""
    if not may_ask(member, post):
        return {}
    return {
        "asks": list(Ask),
        "questions": asking.open_questions(post),
        "outcome": posting.own_outcome(post),
        "may_tell_outcome": may_tell_outcome(member, post),
        "may_wake": post.thread.is_resting and may_wake(member, post),
        "is_asked": _is_asked(post),
    }


def _is_asked(post: Post) -> bool:
    """Whether the author of ``post`` is asked how it turned out."""
    is_open = post.is_dilemma and post.is_online
    return is_open and post.thread.asked_outcome == AskedOutcome.ASKED


@require_POST
def thread_ask(request: MemberRequest, thread_id: str) -> HttpResponse:
    return _change_ask(request, get_named_dilemma(request.user, thread_id))


@require_POST
def post_marks(request: MemberRequest, post_id: str) -> HttpResponse:
    return _mark(request, get_named_post(request.user, post_id))


@owner_required
def owned_ask(request: MemberRequest, post_id: str) -> HttpResponse:
    """Asked with GET, as after the proof, it leads to the text."""
    if request.method != "POST":
        return redirect("forum:owned_detail", post_id)
    return _change_ask(request, get_owned_post(request.user, post_id))


@owner_required
def owned_marks(request: MemberRequest, post_id: str) -> HttpResponse:
    """Asked with GET, as after the proof, it leads to the text."""
    if request.method != "POST":
        return redirect("forum:owned_detail", post_id)
    return _mark(request, get_owned_post(request.user, post_id))


def _change_ask(request: MemberRequest, dilemma: Post) -> HttpResponse:
    if not may_ask(request.user, dilemma):
        raise Http404
    form = AskForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["ask"][0]))
        return to_own(dilemma)
    ask = Ask(form.cleaned_data["ask"])
    try:
        asking.change_ask(by=request.user, dilemma=dilemma, ask=ask)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Readers see now what you ask."))
    return to_own(dilemma)


def _mark(request: MemberRequest, dilemma: Post) -> HttpResponse:
    """Mark a question of the thread, or take the mark back."""
    if not may_ask(request.user, dilemma):
        raise Http404
    wanted = request.POST.get("question", "")
    questions = asking.open_questions(dilemma)
    question = next((each for each in questions if each.pk == wanted), None)
    if question is None:
        raise Http404
    try:
        asking.mark_question(
            by=request.user,
            dilemma=dilemma,
            question=question,
            is_warm=request.POST.get("on") == "1",
        )
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return to_own(dilemma)


def to_own(post: Post) -> HttpResponse:
    """Back to the author's own page of a text."""
    name = "forum:owned_detail" if post.is_anonymous else "forum:post_detail"
    return redirect(name, post.pk)


def _edit_form_class(post: Post) -> type[HintedForm]:
    if post.is_dilemma:
        return DilemmaEditForm
    if post.is_outcome:
        return OutcomeEditForm
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
            **post.details,
            **draft_fields(request, post),
            "version": post.version,
        },
    )
    if not post.was_public:
        del form.fields["forgets"]  # Nobody read an earlier version.
    status = 422 if form.errors else 200
    hints = None
    if request.method == "POST":
        switch_off_asked(request)
        if form.is_valid():
            kind = form.cleaned_data.get("kind", post.kind)
            hints = hints_before(request, form, kind, under_alias=post.is_anonymous)
    is_sent = request.method == "POST" and not hints and not is_about_hints(request)
    if is_sent and form.is_valid():
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
                forgets=told.get("forgets", False),
                details=form.details() if isinstance(form, DetailsForm) else None,
            )
        except ValidationError as error:
            form.add_error(None, error)
            status = refusal_status(error)
        else:
            return render(request, "forum/post_edited.html", {"post": post})
    return render(
        request,
        "forum/post_form.html",
        {
            "form": form,
            "post": post,
            "hints": hints,
            "is_group_small": group.is_small(),
        },
        status=status,
    )


def draft_fields(request: MemberRequest, post: Post) -> dict[str, str]:
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
