"""Guards the moderators' pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.http import MemberRequest
from accounts.permissions import is_moderator

P = ParamSpec("P")


def moderator_required(
    view: Callable[Concatenate[MemberRequest, P], HttpResponse],
) -> Callable[Concatenate[MemberRequest, P], HttpResponse]:
    """Refuse members; send a moderator without a second factor to make one first."""

    @wraps(view)
    def guarded(
        request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if is_moderator(request.user):
            return view(request, *args, **kwargs)
        if request.user.is_admitted and request.user.is_moderator:
            messages.warning(
                request,
                _(
                    "Moderators sign in with a second step. "
                    "Set one up here first, then the queue opens."
                ),
            )
            return redirect("mfa_index")
        raise PermissionDenied

    return guarded
