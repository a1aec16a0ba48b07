"""Drafts that a page keeps by itself while somebody writes."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.drafts import DraftChanged, save_draft
from accounts.http import MemberRequest
from forum.forms import DilemmaForm, OnceForm, ReplyForm
from forum.permissions import get_thread
from forum.views.threads import refusal_status

_TURN = re.compile(r"[0-9a-f]{16}")


@require_POST
def draft_save(request: MemberRequest) -> JsonResponse:
    """Keep what a script sends: the words, and never by name or under an alias.

    Answers with what the form remembers and what its reader is told; 409 when another
    page went on with the draft. With `again`, after signing in once more, the draft
    has to be there: nobody's words come into the drafts of whoever sat down next.
    """
    told = request.POST
    thread_id = told.get("thread", "")
    form: OnceForm = DilemmaForm(told)
    if thread_id:
        get_thread(request.user, thread_id)
        form = ReplyForm(told)
    turn = told.get("turn", "")
    try:
        draft = save_draft(
            request.user,
            {**form.texts(), "thread": thread_id},
            told.get("draft", ""),
            turn=turn if _TURN.fullmatch(turn) else "",
            must_exist="again" in told,
        )
    except ValidationError as error:
        status = 409 if isinstance(error, DraftChanged) else refusal_status(error)
        return JsonResponse({"told": error.messages[0]}, status=status)
    moment = date_format(timezone.localtime(draft.saved_at), "H:i")
    return JsonResponse(
        {"ref": draft.ref, "told": _("Kept at %(moment)s") % {"moment": moment}}
    )
