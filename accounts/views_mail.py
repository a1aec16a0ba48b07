"""Ending the digest from a mail, without signing in (RFC 8058)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import links
from accounts.models import Frequency, Member


# A mail program sends this POST: it has no cookie, so the token is all the proof there
# is. GET changes nothing, because scanners of mail follow every link.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button, in the language of the mail; a second POST is fine."""
    member_id = links.read_token(links.UNSUBSCRIBE, token)
    member = Member.objects.filter(pk=member_id).first() if member_id else None
    if member is None:
        raise Http404
    if request.method == "POST":
        Member.objects.filter(pk=member.pk).update(digest_frequency=Frequency.NEVER)
    with translation.override(member.language):
        response = render(
            request, "accounts/unsubscribe.html", {"is_done": request.method == "POST"}
        )
    response["Content-Language"] = member.language
    return response
