"""What an applicant fills in beside address and password.

django-allauth builds its sign-up form on this class, so it may import nothing of
allauth's forms.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Application, Member, ProofRoute, Region, Work

YES_NO = [("no", _("No")), ("yes", _("Yes"))]


class ApplicationFields(forms.Form):
    full_name = forms.CharField(
        label=_("Your name"),
        help_text=_("Only we see your full name."),
        max_length=120,
        error_messages={"required": _("Fill in your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    display_name = forms.CharField(
        label=_("What do you want to be called here?"),
        help_text=_(
            "Other members see this when you do not write anonymously. "
            "Just a first name is fine."
        ),
        min_length=2,
        max_length=60,
        error_messages={
            "required": _("Choose a name of at least 2 letters."),
            "min_length": _("Choose a name of at least 2 letters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    work = forms.ChoiceField(
        label=_("What is your work?"),
        choices=Work.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what fits best.")},
    )
    work_note = forms.CharField(
        label=_("Something else, namely (optional)"), max_length=120, required=False
    )
    proof_route = forms.ChoiceField(
        label=_("How may we check that?"),
        choices=ProofRoute.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "If we mail your work address, the mail says only: Your code is 123456."
        ),
        error_messages={"required": _("Choose how we may check your application.")},
    )
    proof_note = forms.CharField(
        label=_("Number, address or name for that (optional)"),
        max_length=200,
        required=False,
    )
    school = forms.CharField(
        label=_("Name of your school or assignment"),
        help_text=_("We use this for the check only. After 30 days we erase it."),
        max_length=120,
        error_messages={"required": _("Fill in the name of your school.")},
    )
    board = forms.CharField(
        label=_("Your school board (optional)"),
        help_text=_(
            "So that a moderator of your board does not judge what you write under "
            "your own name. Nobody sees this, moderators neither."
        ),
        max_length=120,
        required=False,
    )
    region = forms.ChoiceField(
        label=_("Holiday region"),
        choices=Region.choices,
        initial=Region.UNKNOWN,
        widget=forms.RadioSelect,
        help_text=_("Later we use this to be quiet in your holiday."),
    )
    motivation = forms.CharField(
        label=_("Why would you like to join? (optional)"),
        help_text=_("One or two sentences is enough."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_board_member = forms.ChoiceField(
        label=_("Are you also a member of a school board or its supervisors?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    keeps_rules = forms.BooleanField(
        label=_("I keep to the house rules"),
        error_messages={
            "required": _("You can only join if you agree to the house rules.")
        },
    )
    read_privacy = forms.BooleanField(
        label=_("I have read what you do with my data"),
        error_messages={"required": _("Tick this box to go on.")},
    )
    field_order = (
        "full_name",
        "display_name",
        "email",
        "password1",
        "work",
        "work_note",
        "proof_route",
        "proof_note",
        "school",
        "board",
        "region",
        "motivation",
        "is_board_member",
        "keeps_rules",
        "read_privacy",
    )

    def signup(self, request: HttpRequest, user: Member) -> None:
        """Called by django-allauth when the member was saved."""
        told: dict[str, Any] = self.cleaned_data
        Application.objects.create(
            member=user,
            full_name=told["full_name"],
            work=told["work"],
            work_note=told["work_note"],
            proof_route=told["proof_route"],
            proof_note=told["proof_note"],
            school=told["school"],
            board=told["board"],
            motivation=told["motivation"],
            is_board_member=told["is_board_member"] == "yes",
        )
