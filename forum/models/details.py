"""What a dilemma may tell beside its situation, and how it turned out; each may stay
empty, but for where it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TIMING = "timing"
ENDING = "ending"
PULLS = ("pull_a", "pull_b")
OF_DILEMMA = (*PULLS, "people", "tried", "touches", TIMING)
OF_OUTCOME = (ENDING, "helped", "kept")
# The heading above each, in the order of the page.
HEADINGS: dict[str, StrOrPromise] = {
    "pull_a": _("On the one hand"),
    "pull_b": _("On the other hand"),
    "people": _("Who does it touch?"),
    "tried": _("What did you do already?"),
    "touches": _("What does it do to you?"),
    TIMING: _("When does it play?"),
    ENDING: _("Where does it stand?"),
    "helped": _("What helped here?"),
    "kept": _("What do you take along?"),
}


class Timing(models.TextChoices):
    """When a dilemma plays, and nothing finer: a date makes recognisable."""

    OVER = "over", _("It happened already")
    OPEN = "open", _("I have time")
    SOON = "soon", _("I choose soon")


class Ending(models.TextChoices):
    """Where it stands when its author tells how it turned out."""

    SETTLED = "settled", _("I am through it")
    CHAFES = "chafes", _("I chose, and it still chafes")
    GOES_ON = "goes_on", _("It still goes on")
    RESTS = "rests", _("I let it rest")


_CHOICES: dict[str, type[models.TextChoices]] = {TIMING: Timing, ENDING: Ending}
# Those in the writer's own words.
WORDS = tuple(name for name in HEADINGS if name not in _CHOICES)


@dataclass(frozen=True)
class Detail:
    """One of them as a page shows it."""

    name: str
    heading: StrOrPromise
    text: StrOrPromise

    @property
    def is_pull(self) -> bool:
        """One of the two sides, which stand beside each other."""
        return self.name in PULLS

    @property
    def is_ending(self) -> bool:
        """Where it stands: a line above the text."""
        return self.name == ENDING


def details_of(stored: dict[str, str]) -> list[Detail]:
    """What a post tells in ``stored``, in the order of the page."""
    found = []
    for name, heading in HEADINGS.items():
        if text := stored.get(name, ""):
            shown = _CHOICES[name](text).label if name in _CHOICES else text
            found.append(Detail(name, heading, shown))
    return found
