"""Our own account pages; signing in and the second factor are django-allauth's."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.views import PasswordResetFromKeyView, SignupView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import joining, owner_mode
from accounts.detaching import detach as cut_tie
from accounts.forms import DetachForm, InvitationForm, MailForm, OwnerForm, ProfileForm
from accounts.http import MemberRequest, is_own_path, remember_language
from accounts.middleware import open_to_applicants
from accounts.models import Application

_signup = SignupView.as_view(template_name="accounts/application_create.html")
_reset = PasswordResetFromKeyView.as_view()


@login_not_required
def application_create(request: HttpRequest) -> HttpResponse:
    """The application: account, fields and secret are written together or not."""
    if not joining.is_open():
        return render(request, "accounts/joining_closed.html", status=503)
    try:
        with transaction.atomic():
            answer: HttpResponse = _signup(request)
    except IntegrityError:
        # The same address at the same time: the other one has an account by now, and
        # this one is answered as for any address that is known.
        with transaction.atomic():
            answer = _signup(request)
    return answer


@login_not_required
def password_reset_from_key(
    request: HttpRequest, uidb36: str, key: str
) -> HttpResponseBase:
    """django-allauth's page; a new password and a new secret come together or not."""
    if not joining.is_open():
        return render(request, "accounts/reset_closed.html", status=503)
    with transaction.atomic():
        answer: HttpResponseBase = _reset(request, uidb36=uidb36, key=key)
    return answer


@open_to_applicants
def application_detail(request: MemberRequest) -> HttpResponse:
    if request.user.is_admitted:
        return redirect("forum:thread_list")
    application = Application.objects.filter(member=request.user).first()
    return render(
        request, "accounts/application_detail.html", {"application": application}
    )


@login_not_required
def invitation_detail(request: HttpRequest, token: str) -> HttpResponse:
    invitation = joining.find_invitation(token)
    if invitation is None:
        raise Http404
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member = joining.accept(
                token=token,
                display_name=form.cleaned_data["display_name"],
                password=form.cleaned_data["password"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            login(request, member, settings.AUTHENTICATION_BACKENDS[0])
            return redirect("forum:thread_list")
    return render(
        request,
        "accounts/invitation_detail.html",
        {"form": form, "email": invitation.email},
        status=422 if form.errors else 200,
    )


def owner_confirm(request: MemberRequest) -> HttpResponse:
    """Open owner mode with the password; the same page for everybody."""
    back = request.GET.get("next", "")
    if not is_own_path(back):
        back = "/mine/anonymous/"
    form = OwnerForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            proven = get_adapter().reauthenticate(
                request.user, form.cleaned_data["password"]
            )
        except ValidationError as too_many_tries:
            form.add_error("password", too_many_tries)
            status = 429
        else:
            if proven:
                response = HttpResponseRedirect(back)
                owner_mode.enter(request, response)
                return response
            form.add_error("password", _("That is not your password."))
    return render(
        request,
        "accounts/owner_confirm.html",
        {"form": form, "minutes": owner_mode.SECONDS // 60},
        status=status,
    )


@owner_mode.owner_required
@owner_mode.ring_required
def detach(request: MemberRequest) -> HttpResponse:
    """Cut the tie to one's anonymous texts, on one's own wish; closes owner mode."""
    form = DetachForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        cut_tie(request.user)
        messages.success(
            request, _("Done. Your anonymous messages belong to nobody now.")
        )
        response = redirect("forum:mine_list")
        owner_mode.leave(response)
        return response
    return render(
        request,
        "accounts/detach.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


def settings_profile(request: MemberRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        response = redirect("accounts:settings_profile")
        remember_language(response, form.cleaned_data["language"])
        return response
    return render(
        request,
        "accounts/settings_profile.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


def settings_mail(request: MemberRequest) -> HttpResponse:
    form = MailForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:settings_mail")
    return render(
        request,
        "accounts/settings_mail.html",
        {"form": form},
        status=422 if form.errors else 200,
    )
