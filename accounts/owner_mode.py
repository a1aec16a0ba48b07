"""Owner mode: fifteen minutes after confirming who you are, in this session.

The stamp travels in a signed cookie bound to the session, so that no row is written.
Owner addresses ask everybody for it before they look anything up.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import readiness
from accounts.http import MemberRequest

SECONDS = 15 * 60
COOKIE = "owner"
P = ParamSpec("P")


def _bound_to(request: MemberRequest) -> str:
    key = (request.session.session_key or "").encode()
    return hmac.digest(settings.SECRET_KEY.encode(), key, hashlib.sha256).hex()


def enter(request: MemberRequest, response: HttpResponse) -> None:
    """Open owner mode for this session; called after the proof was right."""
    response.set_cookie(
        COOKIE,
        signing.dumps(_bound_to(request), salt="owner"),
        max_age=SECONDS,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Strict",
    )


def leave(response: HttpResponse) -> None:
    """Close owner mode."""
    response.delete_cookie(COOKIE, samesite="Strict")


def is_open(request: MemberRequest) -> bool:
    """Whether this session confirmed who it is in the last fifteen minutes."""
    try:
        bound_to = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt="owner", max_age=SECONDS
        )
    except signing.BadSignature:
        return False
    return hmac.compare_digest(bound_to, _bound_to(request))


def owner_required(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """Ask for the proof first; nothing is looked up before it, for nobody."""

    @wraps(view)
    def guarded(
        request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if not readiness.is_ready():
            return render(request, "accounts/writing_closed.html", status=503)
        if is_open(request):
            return view(request, *args, **kwargs)
        return ask(request, request.get_full_path())

    return guarded


def ring_required(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """Say that a page is closed while there is no key ring to recognise anything by."""

    @wraps(view)
    def guarded(
        request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if readiness.is_ready():
            return view(request, *args, **kwargs)
        return render(request, "accounts/writing_closed.html", status=503)

    return guarded


def ask(request: MemberRequest, back: str) -> HttpResponse:
    """Send somebody to the proof, and from there to ``back``."""
    address = reverse("accounts:owner_confirm")
    return redirect(f"{address}?{urlencode({'next': back})}")
