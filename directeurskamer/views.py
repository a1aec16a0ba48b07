"""Open pages, the choice of language, health, and answers when something is wrong."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts import group, owner_mode, readiness
from accounts.http import is_own_path, remember_language
from accounts.middleware import keep_text
from accounts.models import Member
from accounts.permissions import custodian_names
from forum import delaying, leaving
from moderation import record, unsealing


@login_not_required
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/rules.html")


@login_not_required
@require_safe
def anonymity(request: HttpRequest) -> HttpResponse:
    """What we promise, how often an alias was unsealed, and, for members, by whom.

    Its figures are those that the code goes by, its conditions the settings in force.
    """
    member = request.user
    is_member = isinstance(member, Member) and member.is_admitted
    return render(
        request,
        "pages/anonymity.html",
        {
            "years": record.years(),
            "custodians": custodian_names() if is_member else [],
            "is_writing_open": readiness.is_ready(),
            "owner_minutes": owner_mode.SECONDS // 60,
            "later_hours": delaying.TICKS * delaying.TICK // dt.timedelta(hours=1),
            "small": group.SMALL,
            "leaving_days": leaving.LONGEST.days,
            "wait_hours": unsealing.WAIT // dt.timedelta(hours=1),
        },
    )


@login_not_required
@require_safe
def help_lines(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/help.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@login_not_required
@require_safe
def away(request: HttpRequest) -> HttpResponse:
    """Where "away quickly" leads: a neutral page of our own."""
    return render(request, "pages/away.html")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the pages; a member's mail follows."""
    back = request.POST.get("next", "")
    if not is_own_path(back):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return response
    remember_language(response, chosen)
    if isinstance(request.user, Member):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    return response


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers and the database does too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same words for what does not exist and for what is not yours."""
    return render(request, "404.html", status=404)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The protection against forged forms refused: hand the text back."""
    return keep_text(request, "403_csrf.html")


@login_not_required
@require_safe
def demo_mail(request: HttpRequest) -> HttpResponse:
    """The mails that the demo wrote to files; only the demo has this page."""
    if not settings.DEMO:
        raise Http404
    files = sorted(settings.MAIL_DIR.glob("*.log"), reverse=True)[:50]
    mails = [file.read_text(errors="replace") for file in files]
    return render(request, "pages/demo_mail.html", {"mails": mails})
