"""Hints before a text is sent, and the page of those that a member switched off."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.http import MemberRequest
from forum import hinting
from forum.forms import DetailsForm, HintedForm
from forum.hinting import Hints
from forum.models.posts import whole_source

QUIET = "quiet"


def is_about_hints(request: MemberRequest) -> bool:
    """Whether the button was pressed that switches a hint off: nothing is sent then.

    A request that sends a text under an alias writes no row of its member.
    """
    return QUIET in request.POST


def switch_off_asked(request: MemberRequest) -> None:
    """Switch a hint off, when that is what was asked."""
    if not is_about_hints(request):
        return
    try:
        hinting.switch_off(by=request.user, code=request.POST[QUIET])
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(
            request, _("You do not see this hint any more. Your text is not sent yet.")
        )


def hints_before(
    request: MemberRequest,
    form: HintedForm,
    kind: str,
    *,
    under_alias: bool | None = None,
) -> Hints | None:
    """What to show instead of sending; the form remembers that it was shown."""
    told = form.cleaned_data
    details = form.details() if isinstance(form, DetailsForm) else {}
    hints = hinting.hints_for(
        request.user,
        title=told.get("title", ""),
        source=whole_source(told["source"], details),
        kind=kind,
        under_alias=told["under_alias"] if under_alias is None else under_alias,
        # Nothing was sent: what was told with the hint that goes is told on.
        seen="" if is_about_hints(request) else told["seen"],
    )
    if hints:
        form.remember(hints.seen)
    return hints


def hint_list(request: MemberRequest) -> HttpResponse:
    """The hints that the member switched off; each can come back."""
    if request.method == "POST":
        try:
            hinting.switch_on(by=request.user, code=request.POST.get("on", ""))
        except ValidationError as error:
            messages.error(request, error.messages[0])
        return redirect("forum:hint_list")
    return render(
        request, "forum/hint_list.html", {"hints": hinting.switched_off(request.user)}
    )
