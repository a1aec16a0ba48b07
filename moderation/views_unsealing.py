"""The custodians' pages, and what a member reads whose alias was unsealed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.http import MemberRequest
from accounts.ids import IdConverter
from accounts.models import Member
from accounts.owner_mode import owner_required
from forum.models import Post
from moderation import queue, record, telling, unsealing
from moderation.decorators import custodian_required
from moderation.forms import CodeForm, RefusalForm, UnsealingForm
from moderation.models import UnsealingLink, UnsealingRequest

PAGE_SIZE = 30
# The field under which a refusal stands, where the form has it.
FIELDS = {
    "post": "post",
    "twice": "post",
    "ground": "ground",
    "reason": "reason",
    "words": "reason",
    "ban": "ban_until",
    "factor": "code",
}
State = UnsealingRequest.State


@custodian_required
@require_safe
def unsealing_list(request: MemberRequest) -> HttpResponse:
    """All requests, the newest hour first; the same for every custodian."""
    requests = UnsealingRequest.objects.select_related(
        "post__alias", "post__author", "post__thread", "asked_by"
    ).order_by("-asked_at", "pk")
    page = Paginator(requests, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "moderation/unsealing_list.html",
        {
            "page": page,
            "rows": [(each, queue.post_title(each.post)) for each in page],
            "broken": record.verify_chain(),
        },
    )


@custodian_required
@require_safe
def unsealing_record(request: MemberRequest) -> HttpResponse:
    """The record, the newest link first, and whether it is whole."""
    links = UnsealingLink.objects.order_by("-number")
    page = Paginator(links, PAGE_SIZE).get_page(request.GET.get("page"))
    problems = dict(unsealing.Problem.choices)
    return render(
        request,
        "moderation/unsealing_record.html",
        {
            "page": page,
            "rows": [(link, problems.get(link.problem, "")) for link in page],
            "broken": record.verify_chain(),
            "head": record.head(),
        },
    )


@custodian_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsealing_create(request: MemberRequest) -> HttpResponse:
    """Ask for the writer of a text."""
    form = UnsealingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            asked = unsealing.ask(
                by=request.user,
                post=_pasted_post(told["post"]),
                ground=told["ground"],
                reason=told["reason"],
                code=told["code"],
                ban_until=told["ban_until"],
            )
        except ValidationError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Asked. Now a second custodian has to look."))
            return redirect("moderation:unsealing_detail", asked.pk)
    return render(
        request,
        "moderation/unsealing_form.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@custodian_required
@require_safe
def unsealing_detail(request: MemberRequest, request_id: str) -> HttpResponse:
    return _render(request, _get(request_id))


@custodian_required
@require_POST
def unsealing_confirmation(request: MemberRequest, request_id: str) -> HttpResponse:
    return _act(request, request_id, "confirm", _confirm)


@custodian_required
@require_POST
def unsealing_approval(request: MemberRequest, request_id: str) -> HttpResponse:
    return _act(request, request_id, "approve", _approve)


@custodian_required
@require_POST
def unsealing_refusal(request: MemberRequest, request_id: str) -> HttpResponse:
    return _act(request, request_id, "refuse", _refuse)


@custodian_required
@require_POST
def unsealing_opening(request: MemberRequest, request_id: str) -> HttpResponse:
    """The answer shows who wrote it, once; nothing keeps it."""
    return _act(request, request_id, "open", _open)


@custodian_required
@require_POST
def unsealing_showing(request: MemberRequest, request_id: str) -> HttpResponse:
    """The same answer, once, for the second custodian."""
    return _act(request, request_id, "show", _show)


@owner_required
@require_safe
def notice_detail(request: MemberRequest, request_id: str) -> HttpResponse:
    """Which text it was; after the proof, since the page ties a text to the member."""
    return render(
        request,
        "moderation/notice_detail.html",
        {"opened": telling.get_own(request.user, request_id)},
    )


@require_POST
def notice_create(request: MemberRequest, request_id: str) -> HttpResponse:
    """The member read it; the notice does not come back."""
    telling.mark_told(
        by=request.user, request=telling.get_own(request.user, request_id)
    )
    return redirect("forum:notification_list")


Told = dict[str, Any]


def _confirm(by: Member, asked: UnsealingRequest, told: Told) -> str:
    unsealing.confirm(by=by, request=asked, code=told["code"])
    return _("Confirmed. Your colleague has five minutes.")


def _approve(by: Member, asked: UnsealingRequest, told: Told) -> str:
    unsealing.approve(by=by, request=asked, code=told["code"])
    return _("Approved.")


def _refuse(by: Member, asked: UnsealingRequest, told: Told) -> str:
    unsealing.refuse(by=by, request=asked, reason=told["reason"])
    return _("Refused. Nothing is looked up.")


def _open(by: Member, asked: UnsealingRequest, told: Told) -> unsealing.Found:
    return unsealing.open_sealed(by=by, request=asked, code=told["code"])


def _show(by: Member, asked: UnsealingRequest, told: Told) -> unsealing.Found:
    return unsealing.show(by=by, request=asked, code=told["code"])


def _act(
    request: MemberRequest,
    request_id: str,
    name: str,
    verb: Callable[[Member, UnsealingRequest, Told], str | unsealing.Found],
) -> HttpResponse:
    asked = _get(request_id)
    form = _form(name, request.POST)
    if not form.is_valid():
        return _render(request, asked, {name: form})
    try:
        outcome = verb(request.user, asked, form.cleaned_data)
    except ValidationError as error:
        _refused(form, error)
        return _render(request, _get(request_id), {name: form})
    if isinstance(outcome, unsealing.Found):
        return render(
            request,
            "moderation/unsealing_result.html",
            {"asked": asked, "found": outcome.member},
        )
    messages.success(request, outcome)
    return redirect("moderation:unsealing_detail", asked.pk)


def _get(request_id: str) -> UnsealingRequest:
    requests = UnsealingRequest.objects.select_related(
        "post__alias", "post__author", "post__thread", "asked_by", "approved_by"
    )
    return get_object_or_404(requests, pk=request_id)


def _form(name: str, data: Any = None) -> forms.Form:
    """A form of its own per act, so that several stand on one page."""
    kind = RefusalForm if name == "refuse" else CodeForm
    return kind(data, auto_id=f"{name}-%s")


def _refused(form: forms.Form, error: ValidationError) -> None:
    field = FIELDS.get(getattr(error, "code", "") or "")
    form.add_error(field if field in form.fields else None, error)


def _pasted_post(pasted: str) -> Post | None:
    """The text behind a pasted id or address: the last id in it is the text's."""
    ids = re.findall(rf"(?<![0-9a-z]){IdConverter.regex}(?![0-9a-z])", pasted)
    return Post.objects.filter(pk=ids[-1]).first() if ids else None


def _render(
    request: MemberRequest,
    asked: UnsealingRequest,
    tried: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """One request; after a refusal with the form that was sent, status 422."""
    acts = _acts(request.user, asked)
    shown = {name: _form(name) for name in acts} | (tried or {})
    is_asker = asked.asked_by_id == request.user.pk
    colleague = asked.approved_by if is_asker else asked.asked_by
    return render(
        request,
        "moderation/unsealing_detail.html",
        {
            "asked": asked,
            "post": asked.post,
            "title": queue.post_title(asked.post),
            "acts": shown,
            "tried": next(iter((tried or {}).values()), None),
            "is_open": asked.state in {State.ASKED, State.APPROVED},
            "has_confirmed": unsealing.has_confirmed(request.user, asked),
            "colleague_confirmed": unsealing.has_confirmed(colleague, asked),
        },
        status=422 if tried else 200,
    )


def _acts(member: Member, asked: UnsealingRequest) -> list[str]:
    """What the member may try now, in the order of the page."""
    is_asker = asked.asked_by_id == member.pk
    is_party = is_asker or asked.approved_by_id == member.pk
    if asked.expires_at <= timezone.now() and asked.state != State.OPENED:
        return []
    if asked.state == State.ASKED:
        return ["confirm" if is_asker else "approve", "refuse"]
    if asked.state == State.APPROVED:
        is_due = asked.opens_at is not None and asked.opens_at <= timezone.now()
        return [*(["confirm", "open"] if is_party and is_due else []), "refuse"]
    return ["show"] if unsealing.may_see(member, asked) else []
