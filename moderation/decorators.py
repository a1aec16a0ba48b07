"""Guards the pages of moderators and custodians."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.http import MemberRequest
from accounts.models import Member
from accounts.permissions import is_custodian, is_moderator

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponse]

CUSTODIANS_NEED_A_FACTOR = gettext_lazy(
    "Custodians confirm every step with a code. Set up an authenticator app here first."
)


def moderator_required(view: View[P]) -> View[P]:
    """Refuse members; send a moderator without a second factor to make one first."""

    @wraps(view)
    def guarded(
        request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if is_moderator(request.user):
            return view(request, *args, **kwargs)
        words = _(
            "Moderators sign in with a second step. "
            "Set one up here first, then the queue opens."
        )
        return _without_factor(request, request.user.is_moderator, words)

    return guarded


def custodian_required(view: View[P]) -> View[P]:
    """Refuse members; send a custodian without a second factor to make one first."""

    @wraps(view)
    def guarded(
        request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if is_custodian(request.user):
            return view(request, *args, **kwargs)
        is_appointed = request.user.is_custodian
        return _without_factor(request, is_appointed, CUSTODIANS_NEED_A_FACTOR)

    return guarded


def _without_factor(
    request: MemberRequest, is_appointed: bool, words: StrOrPromise
) -> HttpResponse:
    """Where somebody goes who has the role and no second factor; others are refused."""
    member: Member = request.user
    if not (member.is_admitted and is_appointed):
        raise PermissionDenied
    messages.warning(request, str(words))
    return redirect("mfa_index")
