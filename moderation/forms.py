"""Forms of flagging, deciding and unsealing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from forum.models.reasons import Reason
from forum.text_checks.normalising import normalise_plain
from moderation.models import SANCTIONS, Act, Ground

# What a member can see in a text, in plain words; safety first.
FLAG_REASONS = [
    (Reason.R10.value, _("Perhaps a child is not safe")),
    (Reason.R07.value, _("This threatens, hates or intimidates")),
    (Reason.R04.value, _("A child can be recognised")),
    (Reason.R03.value, _("The school or the writer can be recognised")),
    (Reason.R05.value, _("Somebody else can be recognised or harmed")),
    (Reason.R06.value, _("Somebody guesses who the writer is")),
    (Reason.R01.value, _("It sounds like a judgment of the person")),
    (Reason.R02.value, _("This is advice, and nobody asked for it")),
    (Reason.R09.value, _("This comes from outside the room, or goes outside")),
    (Reason.R13.value, _("There is a link in it that should not be there")),
    (Reason.R08.value, _("This is advertising, recruiting or a campaign")),
    (Reason.R12.value, _("The law does not allow this")),
    (Reason.R11.value, _("It does not fit here, or it is here already")),
]
# The reasons for a text; R14 is about an account and is never shown.
TEXT_REASONS = [
    (reason.value, reason.label) for reason in Reason if reason != Reason.R14
]
NEEDS_STATEMENT = {Act.RETURN, Act.HIDE, Act.REMOVE, *SANCTIONS}


class LongTextField(forms.CharField):
    """A text of several lines; line ends count once, however a browser sends them."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return normalise_plain(super().to_python(value) or "")


class FlagForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What do you notice?"),
        choices=FLAG_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what fits best.")},
    )
    note = LongTextField(
        label=_("Do you want to explain?"),
        help_text=_("At most 500 characters. Your name does not go to the writer."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class DecisionForm(forms.Form):
    """An act; a text goes offline, or its writer is stopped, for a reason and in words."""

    act = forms.ChoiceField(choices=Act.choices, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Which rule is this about?"),
        choices=TEXT_REASONS,
        required=False,
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label=_("Until which day?"),
        help_text=_(
            "On that day the writer can write again. At most 30 days from now."
        ),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    message = LongTextField(
        label=_("Message to the writer"),
        help_text=_("The writer reads this. Change it as you see fit."),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
    )

    def __init__(
        self, *args: Any, is_for_applicant: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if is_for_applicant:
            self.fields["message"].label = _("Message to the applicant")
            self.fields["message"].help_text = _(
                "This goes by mail, after “We cannot give you access now.”"
            )

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        act = told.get("act")
        if act in NEEDS_STATEMENT and not told.get("reason") and "reason" in told:
            self.add_error("reason", _("Choose which rule this is about."))
        if act == Act.PAUSE and told.get("until") is None and "until" in told:
            self.add_error("until", _("Choose a day."))
        if told.get("message") == "":
            if act in NEEDS_STATEMENT:
                self.add_error("message", _("Tell the writer what you saw."))
            elif act == Act.REFUSE:
                self.add_error(
                    "message", _("Say why, in a sentence that the applicant may read.")
                )
        return told


class JudgedChoiceField(forms.ChoiceField):
    """The verb judges the choice, so that an attempt with another is written down."""

    def valid_value(self, value: Any) -> bool:
        return True


class CodeForm(forms.Form):
    """The second factor, asked for one act."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("From your authenticator app, or a recovery code."),
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )


class RefusalForm(forms.Form):
    reason = LongTextField(
        label=_("Why not?"),
        help_text=_("This stays in the record."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class UnsealingForm(CodeForm):
    """A request to unseal. The verb refuses, and writes down that it did."""

    post = forms.CharField(
        label=_("Which text?"),
        help_text=_("Paste the address of the text, or its id."),
        required=False,
    )
    ground = JudgedChoiceField(
        label=_("On which ground?"),
        help_text=_("There is no other ground. A civil claim goes through the court."),
        choices=Ground.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    reason = LongTextField(
        label=_("Why?"),
        help_text=_(
            "At least 100 characters. Who orders it or who is in danger, and why "
            "nothing less will do. This stays in the record."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    ban_until = forms.DateField(
        label=_("Until when may the writer not be told?"),
        help_text=_("Only when the order says so."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ("post", "ground", "reason", "ban_until", "code")
