"""Why a text may not stay as it is, or may not appear: codes, names and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Reason(models.TextChoices):
    """Why a text may not stay as it is; the house rule is beside each."""

    R01 = "R01", _("Judgment of the person")
    R02 = "R02", _("Advice without a question")
    R03 = "R03", _("School or writer recognisable")
    R04 = "R04", _("Child recognisable")
    R05 = "R05", _("Somebody else recognisable or harmed")
    R06 = "R06", _("Guessing who somebody is")
    R07 = "R07", _("Threat, hate or intimidation")
    R08 = "R08", _("Advertising, recruiting, campaign")
    R09 = "R09", _("Taken outside")
    R10 = "R10", _("First another route")
    R11 = "R11", _("Does not fit here, or is here already")
    R12 = "R12", _("Against the law")
    R13 = "R13", _("Attachment or link")
    R14 = "R14", _("Account is not right")

    @property
    def line(self) -> StrOrPromise:
        """The short reason in the thread, in words."""
        return REASON_LINES[self]

    @property
    def rules(self) -> str:
        """The numbers of the house rules it rests on."""
        return REASON_RULES.get(self, "")


REASON_LINES: dict[str, StrOrPromise] = {
    Reason.R01: _("sounded like a judgment"),
    Reason.R02: _("advice that was not asked for"),
    Reason.R03: _("too recognisable"),
    Reason.R04: _("a child could be recognised"),
    Reason.R05: _("somebody else could be recognised"),
    Reason.R06: _("was about who somebody is"),
    Reason.R07: _("not safe"),
    Reason.R08: _("advertising"),
    Reason.R09: _("comes from outside or goes outside"),
    Reason.R10: _("belongs somewhere else first"),
    Reason.R11: _("does not fit in this conversation"),
    Reason.R12: _("the law does not allow it"),
    Reason.R13: _("link taken away"),
    Reason.R14: "",
}
REASON_RULES: dict[str, str] = {
    Reason.R01: "4",
    Reason.R02: "2",
    Reason.R03: "5",
    Reason.R04: "5",
    Reason.R05: "5",
    Reason.R06: "6",
    Reason.R07: "4",
    Reason.R08: "9",
    Reason.R09: "7",
    Reason.R10: "8",
    Reason.R13: "5, 9",
}


class Hindrance(models.TextChoices):
    """Why a delayed text did not appear at its tick, as its author reads it."""

    CLOSED = (
        "D01",
        _("This conversation was closed meanwhile, or is no longer in the room."),
    )
    NOT_ASKED = (
        "D02",
        _("The writer of the dilemma asks for something else now than what you give."),
    )
    MAY_NOT_WRITE = "D03", _("You could not write in the room at that moment.")
