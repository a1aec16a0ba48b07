"""The search page: a plain form that asks with GET."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from forum.forms import SearchForm
from forum.search import NOTHING, find, read_question


@require_safe
def search_results(request: MemberRequest) -> HttpResponse:
    """What is found for `?q=`; what somebody looks for is kept nowhere."""
    form = SearchForm(request.GET)
    found, told = NOTHING, {}
    if form.is_valid():
        told = form.cleaned_data
        found = find(
            request.user,
            read_question(told["q"]),
            theme=told["theme"],
            has_outcome=form.has_outcome,
            before=_before(request),
        )
    return render(
        request,
        "forum/search_results.html",
        {
            "form": form,
            "asked": told.get("q", ""),
            "is_narrowed": bool(told.get("theme") or told.get("state")),
            "found": found,
            "query": urlencode({name: value for name, value in told.items() if value}),
        },
        status=200 if form.is_valid() else 422,
    )


def _before(request: MemberRequest) -> int | None:
    """The number below which the page starts; none for the first page."""
    before = request.GET.get("before", "")
    is_number = before.isascii() and before.isdigit() and len(before) < 19
    return int(before) if is_number else None
