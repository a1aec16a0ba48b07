"""What every answer carries, and one log line per request."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

log = logging.getLogger("kamer.request")

Answer = Callable[[HttpRequest], HttpResponse]


def guard(get_response: Answer) -> Answer:
    """Keep answers out of caches and to our own pages; log."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cross-Origin-Embedder-Policy"] = "require-corp"
        match = request.resolver_match
        log.info(
            "%s %s %s",
            match.view_name if match else "-",
            request.method if request.method in {"GET", "POST", "HEAD"} else "-",
            response.status_code,
        )
        return response

    return answer


def refuse_foreign(get_response: Answer) -> Answer:
    """Refuse what another web site asks for in a reader's browser.

    `Sec-Fetch-Site` (W3C Fetch Metadata): another site may link to a page, which is a
    navigation of the whole window with GET, and nothing else. A mail program's
    one-click unsubscribe sends no such header and passes.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if _is_foreign(request):
            return render(request, "403.html", status=403)
        return get_response(request)

    return answer


def _is_foreign(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site in {"same-origin", "none"}:
        return False
    is_link = (
        request.method in {"GET", "HEAD"}
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest", "document") == "document"
    )
    return not is_link


def chosen_language(get_response: Answer) -> Answer:
    """The language a reader chose, in a cookie; Dutch otherwise.

    The browser's own wish is not asked: the room is Dutch first.
    """
    known = {code for code, _name in settings.LANGUAGES}

    def answer(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in known else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = get_response(request)
        response.setdefault("Content-Language", language)
        return response

    return answer
