"""The queue, one item, the record of decisions, and flagging."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts import readiness
from accounts.http import MemberRequest
from forum.models.reasons import Reason
from forum.views.threads import changes_after, refusal_status
from moderation import deciding, live, notices, queue, sanctioning
from moderation.decorators import moderator_required
from moderation.flagging import flag_post
from moderation.forms import NEEDS_STATEMENT, TEXT_REASONS, DecisionForm, FlagForm
from moderation.models import SANCTIONS, Act, Decision, ReviewItem
from moderation.permissions import (
    allowed_acts,
    allowed_sanctions,
    get_flaggable_post,
    get_item,
    has_sanction_for,
    takes_two,
)

PAGE_SIZE = 20


@moderator_required
@require_safe
def review_item_list(request: MemberRequest) -> HttpResponse:
    """What waits; the same for every moderator."""
    # Read first: what changes in between is told once more.
    number = live.queue_number()
    return render(
        request,
        "moderation/review_item_list.html",
        {"rows": queue.open_rows(), "number": number},
    )


@moderator_required
@require_safe
def queue_changes(request: MemberRequest) -> JsonResponse:
    """Whether the queue changed, for a page that has no socket."""
    return JsonResponse(live.queue_changes(changes_after(request)))


@moderator_required
@require_safe
def review_item_detail(request: MemberRequest, item_id: str) -> HttpResponse:
    """One item; ``?act=`` and ``?reason=`` ask for the message to begin with."""
    item = get_item(item_id)
    act = _act(request.GET.get("act", ""))
    is_mine = item.claimed_by_id == request.user.pk
    if not is_mine or act is None or act not in {*NEEDS_STATEMENT, Act.REFUSE}:
        return _render_item(request, item)
    reason = _reason(request.GET.get("reason", ""))
    if act not in [*allowed_acts(item), *allowed_sanctions(item)]:
        return _render_item(request, item, error=_("That cannot be done now."))
    if item.post is not None and reason is None:
        return _render_item(request, item, error=_("Choose which rule this is about."))
    if item.post is not None and takes_two(item.post, act, reason):
        return _render_item(request, item, error=str(deciding.TAKES_TWO))
    if act in SANCTIONS and not has_sanction_for(reason):
        return _render_item(request, item, error=str(deciding.NO_SANCTION))
    form = DecisionForm(
        initial={
            "act": act,
            "reason": reason,
            "message": _opening(item, act, reason),
            "until": sanctioning.usual_end(),
        },
        is_for_applicant=item.application is not None,
    )
    return _render_item(request, item, form=form, act=act)


@moderator_required
@require_POST
def claim_create(request: MemberRequest, item_id: str) -> HttpResponse:
    """Take up an item. A refusal is one page, whatever its ground."""
    item = get_item(item_id)
    try:
        deciding.claim(by=request.user, item=item)
    except ValidationError as error:
        return _render_item(
            request, get_item(item_id), error=error.messages[0], is_refused=True
        )
    return redirect("moderation:review_item_detail", item_id)


@moderator_required
@require_POST
def decision_create(request: MemberRequest, item_id: str) -> HttpResponse:
    """Decide. Who lost a race keeps what was written and reads what happened."""
    item = get_item(item_id)
    form = DecisionForm(request.POST, is_for_applicant=item.application is not None)
    if form.is_valid():
        try:
            decision = _decide(request, item, form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            item = get_item(item_id)
        else:
            outcome = deciding.OUTCOMES[decision.act]
            messages.success(request, _("Decided: %(outcome)s.") % {"outcome": outcome})
            if decision.act in SANCTIONS:
                return redirect("moderation:review_item_detail", item_id)
            return redirect("moderation:review_item_list")
    act = _act(request.POST.get("act", ""))
    return _render_item(request, item, form=form, act=act, status=422)


def _decide(request: MemberRequest, item: ReviewItem, told: dict[str, Any]) -> Decision:
    act = Act(told["act"])
    seen: dict[str, Any] = {"by": request.user, "item": item}
    if (item.post is None) != (act in {Act.ADMIT, Act.REFUSE}):
        raise PermissionDenied
    if act == Act.ADMIT:
        return deciding.admit(**seen)
    if act == Act.REFUSE:
        return deciding.refuse(**seen, message=told["message"])
    # A form without a version was not made from a text that somebody read.
    seen["version"] = told["version"] or 0
    if act == Act.PUBLISH:
        return deciding.publish(**seen)
    if act == Act.KEEP:
        return deciding.keep(**seen)
    seen.update(reason=Reason(told["reason"]), message=told["message"])
    if act == Act.PAUSE:
        return sanctioning.pause_author(**seen, until=told["until"])
    verb = {
        Act.RETURN: deciding.return_for_edit,
        Act.HIDE: deciding.hide,
        Act.REMOVE: deciding.remove,
        Act.WARN: sanctioning.warn_author,
    }[act]
    return verb(**seen)


@moderator_required
@require_safe
def decision_list(request: MemberRequest) -> HttpResponse:
    """The record: who decided what, on which ground, by day."""
    decisions = Decision.objects.select_related(
        "decided_by",
        "item__post__thread",
        "item__post__author",
        "item__post__alias",
        "item__application",
    ).order_by("-decided_at", "pk")
    page = Paginator(decisions, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "moderation/decision_list.html",
        {
            "page": page,
            "rows": [(each, queue.item_title(each.item)) for each in page],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def flag_create(request: MemberRequest, post_id: str) -> HttpResponse:
    """Tell a moderator about a post; the answer is the same for everybody."""
    post = get_flaggable_post(request.user, post_id)
    form = FlagForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            flag_post(
                by=request.user,
                post=post,
                reason=Reason(form.cleaned_data["reason"]),
                note=form.cleaned_data["note"],
            )
        except ValidationError as error:
            form.add_error(None, error)
            status = refusal_status(error)
        else:
            return render(request, "moderation/flag_sent.html", {"post": post})
    return render(
        request,
        "moderation/flag_form.html",
        {"form": form, "post": post, "title": queue.post_title(post)},
        status=status,
    )


@require_safe
def flag_list(request: MemberRequest) -> HttpResponse:
    """The member's own flags and what became of them."""
    # Without the key ring nobody's own flags can be recognised.
    is_ready = readiness.is_ready()
    return render(
        request,
        "moderation/flag_list.html",
        {
            "flags": queue.own_flags(request.user) if is_ready else [],
            "is_ready": is_ready,
        },
    )


def _render_item(
    request: MemberRequest,
    item: ReviewItem,
    *,
    form: DecisionForm | None = None,
    act: Act | None = None,
    error: str = "",
    is_refused: bool = False,
    status: int = 200,
) -> HttpResponse:
    card = queue.card(item)
    is_mine = item.claimed_by_id == request.user.pk and not is_refused
    acts = allowed_acts(item)
    return render(
        request,
        "moderation/review_item_detail.html",
        {
            "card": card,
            "item": item,
            "post": item.post,
            "title": queue.item_title(item),
            "is_mine": is_mine,
            "is_busy": is_refused or (card.is_held and not is_mine),
            "is_closed": item.state == ReviewItem.State.CLOSED,
            "acts": acts,
            "first_act": acts[0] if acts else None,
            "other_acts": acts[1:],
            "sanctions": allowed_sanctions(item),
            "needs_colleague": item.post is not None
            and takes_two(item.post, Act.REMOVE, None),
            "reasons": TEXT_REASONS,
            "chosen": request.GET.get("reason", ""),
            "form": form,
            "act": act,
            "reason": _reason(str(form["reason"].value() or "")) if form else None,
            "error": error,
        },
        status=422 if error else status,
    )


def _opening(item: ReviewItem, act: Act, reason: Reason | None) -> str:
    if item.application is not None:
        return notices.reason_for_applicant(item.application)
    if item.post is None or reason is None:
        return ""
    return notices.message_to_author(
        item.post,
        act,
        reason,
        findings=queue.text_findings(item.post),
        is_from_flag=item.flags.exists(),
    )


def _act(value: str) -> Act | None:
    return Act(value) if value in Act.values else None


def _reason(value: str) -> Reason | None:
    return Reason(value) if value in dict(TEXT_REASONS) else None
