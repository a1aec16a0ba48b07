"""Forms of our own account pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.models import Frequency, Language, Member, Region

if TYPE_CHECKING:
    MemberForm = forms.ModelForm[Member]
else:
    MemberForm = forms.ModelForm


class InvitationForm(forms.Form):
    """What an invited person fills in; the address is already proven by the mail."""

    display_name = forms.CharField(
        label=_("What do you want to be called here?"),
        help_text=_(
            "Other members see this when you do not write anonymously. "
            "Just a first name is fine."
        ),
        min_length=2,
        max_length=60,
    )
    password = forms.CharField(
        label=_("Choose a password"),
        help_text=_("At least 12 characters. A short sentence works well."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )
    keeps_rules = forms.BooleanField(
        label=_("I keep to the house rules"),
        error_messages={
            "required": _("You can only join if you agree to the house rules.")
        },
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class OwnerForm(forms.Form):
    """The password once more, before anything of an anonymous author is shown."""

    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
    )


class DetachForm(forms.Form):
    """Cutting the tie to one's anonymous texts; there is nothing to fill in."""

    is_sure = forms.BooleanField(
        label=_("I understand that this cannot be undone"),
        error_messages={"required": _("Tick this box to go on.")},
    )


class ProfileForm(MemberForm):
    class Meta:
        model = Member
        fields = ("language", "region")

    language = forms.ChoiceField(
        label=_("Language"), choices=Language.choices, widget=forms.RadioSelect
    )
    region = forms.ChoiceField(
        label=_("Holiday region"),
        choices=Region.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "Later we use this to be quiet in your holiday. Nobody else sees it."
        ),
    )


class MailForm(MemberForm):
    class Meta:
        model = Member
        fields = ("digest_frequency", "digest_has_titles")

    digest_frequency = forms.ChoiceField(
        label=_("How often do you want a digest of new dilemmas?"),
        choices=Frequency.choices,
        widget=forms.RadioSelect,
    )
    digest_has_titles = forms.BooleanField(
        label=_("Show titles in the mail"),
        help_text=_(
            "Otherwise the mail says only that there is something new. "
            "The text of a dilemma is never in a mail."
        ),
        required=False,
    )
