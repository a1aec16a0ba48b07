"""Two doors: signed in, and admitted. Every route is behind both until it is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

# Fields in which somebody writes, in the order in which they are handed back.
WRITTEN = (
    *("title", "source", "pull_a", "pull_b", "people", "tried", "touches"),
    *("message", "note"),
)
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def open_to_applicants(view: View) -> View:
    """Open a route to everybody who is signed in, admitted or not."""
    view.open_to_applicants = True  # type: ignore[attr-defined]
    return view


class FirstDoor(LoginRequiredMiddleware):
    """Signed in. A text sent after the session ended is handed back on the page."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if request.method == "POST":
            return keep_text(request, "accounts/signed_out.html")
        answer: HttpResponseBase = super().handle_no_permission(request, view_func)
        return answer


class SecondDoor:
    """Admitted. An applicant is shown where the application stands instead."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Any,
        kwargs: Any,
    ) -> HttpResponseBase | None:
        if not request.user.is_authenticated or request.user.is_admitted:
            return None
        if not getattr(view, "login_required", True):
            return None
        is_account_page = view.__module__.startswith("allauth.")
        if is_account_page or getattr(view, "open_to_applicants", False):
            return None
        return redirect("accounts:application_detail")


def keep_text(request: HttpRequest, template: str) -> HttpResponse:
    """A refusal that shows what was written, so that nothing is lost."""
    texts = [value for name in WRITTEN if (value := request.POST.get(name, "").strip())]
    return render(request, template, {"texts": texts}, status=403)
