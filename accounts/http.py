"""A request that passed the first door, and the cookie that keeps a language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import Member


class MemberRequest(HttpRequest):
    user: Member


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the language that a reader chose, as long as a session may last."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def is_own_path(address: str) -> bool:
    """Whether ``address`` is a path of the room, safe to send somebody back to."""
    return address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None
    )
