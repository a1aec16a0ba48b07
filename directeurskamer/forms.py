"""The form with which a member leaves."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class LeaveForm(forms.Form):
    """What becomes of the member's texts; nothing is chosen beforehand."""

    named = forms.ChoiceField(
        label=_("What you wrote by name"),
        choices=[
            ("keep", _("It stays, without my name: “Somebody who left”")),
            ("go", _("It goes, at once")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens with these texts.")},
    )
    anonymous = forms.ChoiceField(
        label=_("What you wrote anonymously, if you did"),
        help_text=_(
            "Nothing changes at this moment, or it would show. Readers can notice "
            "later that a text vanished after somebody left."
        ),
        choices=[
            ("keep", _("It stays. Nobody can change it any more")),
            ("go", _("It goes, each text at a random moment within thirty days")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens with these texts.")},
    )
    is_sure = forms.BooleanField(
        label=_("I understand that this cannot be undone"),
        error_messages={"required": _("Tick this box to go on.")},
    )
