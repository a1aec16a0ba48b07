"""What the author of a dilemma does at its end: tell how it turned out, or wake it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import group, owner_mode
from accounts.http import MemberRequest
from accounts.owner_mode import owner_required
from forum import posting, resting
from forum.forms import OutcomeForm
from forum.models import Post, ReplyKind
from forum.models.details import OF_OUTCOME
from forum.permissions import (
    get_named_dilemma,
    get_owned_post,
    may_ask,
    may_tell_outcome,
    may_wake,
)
from forum.views.hints import hints_before, is_about_hints, switch_off_asked
from forum.views.posts import draft_fields, keep_owned, to_own
from forum.views.threads import refusal_status, tick


def thread_outcome(request: MemberRequest, thread_id: str) -> HttpResponse:
    return _tell_outcome(request, get_named_dilemma(request.user, thread_id))


def owned_outcome(request: MemberRequest, post_id: str) -> HttpResponse:
    """As `owned_edit`: what was sent after the fifteen minutes becomes a draft."""
    is_text = request.method == "POST" and "decline" not in request.POST
    if is_text and not owner_mode.is_open(request):
        return keep_owned(request, post_id, ("source", *OF_OUTCOME), tells="1")
    return _owned_outcome(request, post_id)


@owner_required
def _owned_outcome(request: MemberRequest, post_id: str) -> HttpResponse:
    return _tell_outcome(request, get_owned_post(request.user, post_id))


@require_POST
def thread_wake(request: MemberRequest, thread_id: str) -> HttpResponse:
    return _wake(request, get_named_dilemma(request.user, thread_id))


@owner_required
def owned_wake(request: MemberRequest, post_id: str) -> HttpResponse:
    """Asked with GET, as after the proof, it leads to the text."""
    if request.method != "POST":
        return redirect("forum:owned_detail", post_id)
    return _wake(request, get_owned_post(request.user, post_id))


def _tell_outcome(request: MemberRequest, dilemma: Post) -> HttpResponse:
    # Of a conversation that was closed meanwhile the form keeps what was written.
    is_offered = may_ask if request.method == "POST" else may_tell_outcome
    if not is_offered(request.user, dilemma):
        raise Http404
    if "decline" in request.POST:
        resting.decline_to_tell(by=request.user, dilemma=dilemma)
        messages.success(request, _("All right. We do not ask again."))
        return to_own(dilemma)
    form = OutcomeForm(
        request.POST or None, initial=draft_fields(request, dilemma) or None
    )
    status = 422 if form.errors else 200
    hints = None
    if request.method == "POST":
        switch_off_asked(request)
        if form.is_valid():
            hints = hints_before(
                request, form, ReplyKind.OUTCOME, under_alias=dilemma.is_anonymous
            )
    is_sent = request.method == "POST" and not hints and not is_about_hints(request)
    if is_sent and form.is_valid():
        try:
            sent = posting.add_outcome(
                by=request.user,
                dilemma=dilemma,
                source=form.cleaned_data["source"],
                details=form.details(),
                form_key=form.cleaned_data["form_key"],
                release_at=tick(form),
            )
        except ValidationError as error:
            form.add_error(None, error)
            status = refusal_status(error)
        else:
            return render(request, "forum/thread_sent.html", {"sent": sent})
    return render(
        request,
        "forum/outcome_form.html",
        {
            "form": form,
            "post": dilemma,
            "outcome": posting.own_outcome(dilemma),
            "hints": hints,
            "is_group_small": group.is_small(),
        },
        status=status,
    )


def _wake(request: MemberRequest, dilemma: Post) -> HttpResponse:
    if not may_wake(request.user, dilemma):
        raise Http404
    try:
        resting.wake(by=request.user, dilemma=dilemma)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Your conversation is open again."))
    return to_own(dilemma)
