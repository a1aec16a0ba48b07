"""Forms of the conversation. A form key catches a resend and ends after a day."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from forum.models import Ask, Category, Ending, Timing
from forum.models.details import ENDING, HEADINGS, OF_DILEMMA, OF_OUTCOME
from forum.models.posts import OFFERED

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
from forum.search import LONGEST_QUESTION

FORM_KEY_SECONDS = 24 * 3600
MOST_CHARACTERS = 3000
LEAST_SITUATION = 200
MOST_DETAIL = 1000
# What a draft leaves out: it is chosen anew for every text that is sent.
NOT_KEPT = {"form_key", "draft", "under_alias", "is_delayed", "is_clean", "seen"}

_signer = signing.TimestampSigner(salt="form key")


def new_form_key() -> str:
    """A key for one form: random, signed, good for 24 hours."""
    return _signer.sign(secrets.token_hex(16))


class HintedForm(forms.Form):
    """A form that remembers which findings its writer was told about."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def remember(self, seen: str) -> None:
        """Let the form that is shown again say what was told."""
        self.data = {**{name: self.data[name] for name in self.data}, "seen": seen}


class OnceForm(HintedForm):
    """A form that is sent once; its key is renewed when it has grown too old."""

    form_key = forms.CharField(widget=forms.HiddenInput, required=False)
    draft = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_key"].initial = new_form_key

    def clean_form_key(self) -> str:
        try:
            return _signer.unsign(
                self.cleaned_data["form_key"], max_age=FORM_KEY_SECONDS
            )
        except signing.BadSignature:
            self.data = {
                **{name: self.data[name] for name in self.data},
                "form_key": new_form_key(),
            }
            raise ValidationError(
                _(
                    "You were away for a while and this form had ended. Your text is "
                    "still here: send it once more."
                )
            ) from None

    def texts(self) -> dict[str, str]:
        """What a draft keeps: the words, never by name or under an alias."""
        return {
            name: str(self.data.get(name, ""))
            for name in self.fields
            if name not in NOT_KEPT
        }


def _detail(label: StrOrPromise, help_text: StrOrPromise = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=MOST_DETAIL,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": False}),
        error_messages={
            "max_length": _(
                "Make it shorter: at most %(limit_value)d characters. You have "
                "%(show_value)d now."
            )
        },
    )


def _situation() -> forms.CharField:
    return forms.CharField(
        label=_("What is going on?"),
        help_text=_(
            "Tell what happened, as if you look through a camera. Five to ten "
            "sentences is enough."
        ),
        min_length=LEAST_SITUATION,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 10, "maxlength": False}),
        error_messages={
            "required": _("Tell what is going on."),
            "min_length": _(
                "Tell a little more: at least %(limit_value)d characters. You have "
                "%(show_value)d now."
            ),
            "max_length": _(
                "This is too long for one dilemma: at most %(limit_value)d characters. "
                "You have %(show_value)d now. Nothing was lost."
            ),
        },
    )


def _title() -> forms.CharField:
    return forms.CharField(
        label=_("Your dilemma in one sentence"),
        help_text=_(
            "Write it as a question, or as a choice between two things. Leave out names "
            "and places."
        ),
        min_length=10,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": False}),
        error_messages={
            "required": _("Write your dilemma in one sentence."),
            "min_length": _(
                "Make it a sentence of at least %(limit_value)d characters."
            ),
            "max_length": _(
                "Make it shorter: at most %(limit_value)d characters. You have "
                "%(show_value)d now."
            ),
        },
    )


def _category() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("What is it about?"),
        help_text=_("Choose what comes closest."),
        choices=[("", _("Choose a theme")), *Category.choices],
        error_messages={
            "required": _("Choose a theme."),
            "invalid_choice": _("Choose a theme from the list."),
        },
    )


def _is_delayed() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Appear at a random moment"),
        help_text=_(
            "Somewhere in the next six hours. Then the moment does not tell when you "
            "wrote it."
        ),
        required=False,
    )


def _kind() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("What do you want to give?"),
        choices=[(kind.value, kind.label) for kind in OFFERED],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what kind of reply this is."),
            "invalid_choice": _("Choose what kind of reply this is."),
        },
    )


def _forgets() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Leave no earlier version"),
        help_text=_(
            "Others can read how your text was before. Was something in it "
            "recognisable? Then tick this: all earlier versions go for good."
        ),
        required=False,
    )


class DetailsForm(forms.Form):
    """A form with what a text tells beside it, under names of `details.HEADINGS`."""

    detail_names: ClassVar[tuple[str, ...]]

    def details(self) -> dict[str, str]:
        """What was filled in, for the verbs."""
        return {name: self.cleaned_data[name] for name in self.detail_names}


class DilemmaDetailsForm(DetailsForm):
    """What a dilemma may tell beside its situation, folded away until it is wanted."""

    detail_names = OF_DILEMMA

    pull_a = _detail(
        _("On the one hand…"),
        _(
            "What is good about the one choice? And about the other? Every choice may "
            "cost something."
        ),
    )
    pull_b = _detail(_("On the other hand…"))
    people = _detail(
        _("Who does it touch?"),
        _("Name roles, no persons: pupil, parent, teacher, board, you."),
    )
    tried = _detail(
        _("What did you do already?"), _("Then others need not guess at it.")
    )
    touches = _detail(
        _("What does it do to you?"),
        _("You need not. It helps readers to stand beside you."),
    )
    timing = forms.ChoiceField(
        label=_("When does it play?"),
        help_text=_("Choose roughly. A date makes recognisable."),
        choices=[("", _("I leave this open")), *Timing.choices],
        required=False,
        error_messages={"invalid_choice": _("Choose one from the list.")},
    )

    @property
    def is_more_open(self) -> bool:
        """Whether there is something in it, or something wrong with it."""
        return any(self[name].value() or self[name].errors for name in OF_DILEMMA)

    @property
    def more_names(self) -> list[str]:
        """The names of these fields, for a page that shows them apart."""
        return list(OF_DILEMMA)


class OutcomeDetailsForm(DetailsForm):
    """How it turned out: one choice, and words for who wants to tell more."""

    detail_names = OF_OUTCOME

    ending = forms.ChoiceField(
        label=HEADINGS[ENDING],
        help_text=_("Choose one. All the rest may stay empty: one sentence is enough."),
        choices=Ending.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose where it stands now."),
            "invalid_choice": _("Choose where it stands now."),
        },
    )
    source = forms.CharField(
        label=_("What did you choose or do?"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": False}),
        error_messages={
            "max_length": _(
                "Make it shorter: at most %(limit_value)d characters. You have "
                "%(show_value)d now."
            )
        },
    )
    helped = _detail(HEADINGS["helped"])
    kept = _detail(HEADINGS["kept"])


class OutcomeForm(OutcomeDetailsForm, OnceForm):
    is_delayed = _is_delayed()


class OutcomeEditForm(OutcomeDetailsForm, HintedForm):
    forgets = _forgets()
    version = forms.IntegerField(widget=forms.HiddenInput)


class DilemmaForm(DilemmaDetailsForm, OnceForm):
    title = _title()
    category = _category()
    source = _situation()
    ask = forms.ChoiceField(
        label=_("What can we help you with?"),
        help_text=_("Choose one thing. Readers see it above their reply."),
        choices=Ask.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you want from readers."),
            "invalid_choice": _("Choose what you want from readers."),
        },
    )
    is_clean = forms.BooleanField(
        label=_("I took out names, places and recognisable details"),
        help_text=_("Feel free to change something that does not matter."),
        error_messages={
            "required": _("Read your text once more for names and places, then tick.")
        },
    )
    under_alias = forms.BooleanField(label=_("Post anonymously"), required=False)
    is_delayed = _is_delayed()

    field_order = ("title", "category", "source", "ask", *OF_DILEMMA)


class ReplyForm(OnceForm):
    kind = _kind()
    source = forms.CharField(
        label=_("Your reply"),
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": False}),
        error_messages={
            "required": _("Write something first."),
            "max_length": _(
                "This is too long for one reply: at most %(limit_value)d characters. "
                "You have %(show_value)d now. Nothing was lost."
            ),
        },
    )
    answers = forms.CharField(widget=forms.HiddenInput, required=False)
    under_alias = forms.BooleanField(label=_("Post anonymously"), required=False)
    is_delayed = _is_delayed()


class ReplyEditForm(HintedForm):
    source = ReplyForm.base_fields["source"]
    forgets = _forgets()
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReplyAgainForm(ReplyEditForm):
    """For a reply that came back from its tick: another kind may have a place."""

    kind = _kind()
    field_order = ("kind", "source", "forgets", "version")


class AskForm(forms.Form):
    ask = DilemmaForm.base_fields["ask"]


class DilemmaEditForm(DilemmaDetailsForm, HintedForm):
    title = _title()
    category = _category()
    source = _situation()
    forgets = _forgets()
    version = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ("title", "category", "source", *OF_DILEMMA, "forgets")


class SearchForm(forms.Form):
    """What is looked for and where; sent with GET."""

    q = forms.CharField(
        label=_("What are you looking for?"),
        help_text=_(
            "A few words, or the beginning of one. Put words that belong together "
            "between quotation marks."
        ),
        max_length=LONGEST_QUESTION,
        required=False,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "enterkeyhint": "search",
                "maxlength": False,
            }
        ),
        error_messages={
            "max_length": _(
                "That is a lot at once: at most %(limit_value)d characters. A few words "
                "are enough."
            ),
        },
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("", _("All themes")), *Category.choices],
        required=False,
    )
    state = forms.ChoiceField(
        label=_("Conversations"),
        choices=[
            ("", _("All conversations")),
            ("open", _("Still without outcome")),
            ("outcome", _("With outcome")),
        ],
        required=False,
    )

    @property
    def has_outcome(self) -> bool | None:
        """Whether only threads with, or only those without an outcome are wanted."""
        return {"open": False, "outcome": True}.get(self.cleaned_data["state"])
