"""A member's own data as a file, and leaving: what crosses the apps."""

from __future__ import annotations

from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts import owner_mode
from accounts.http import MemberRequest
from accounts.owner_mode import owner_required, ring_required
from directeurskamer import exporting, leaving
from directeurskamer.forms import LeaveForm


@require_http_methods(["GET", "HEAD", "POST"])
@ring_required
def export(request: MemberRequest) -> HttpResponse:
    """A page that says what is in it; its button gives the file."""
    if request.method != "POST":
        return render(request, "own/export.html")
    return _file(exporting.standard(request.user))


@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
@ring_required
def owned_export(request: MemberRequest) -> HttpResponse:
    """The same for what the member wrote under an alias."""
    if request.method != "POST":
        return render(request, "own/owned_export.html")
    return _file(exporting.anonymous(request.user))


def _file(content: bytes) -> HttpResponse:
    """A download whose name tells nothing in a list of downloads."""
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": 'attachment; filename="export.zip"',
            "Cache-Control": "private, no-store",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
@ring_required
def leave(request: MemberRequest) -> HttpResponse:
    """Leave for good; the answer is the last page that the member sees signed in."""
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            leaving.leave(
                by=request.user,
                keeps_named=form.cleaned_data["named"] == "keep",
                keeps_anonymous=form.cleaned_data["anonymous"] == "keep",
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            logout(request)
            response = render(request, "own/left.html")
            owner_mode.leave(response)
            return response
    return render(
        request, "own/leave.html", {"form": form}, status=422 if form.errors else 200
    )
