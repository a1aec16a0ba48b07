"""What a dilemma may tell beside its situation; all of it may stay empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TIMING = "timing"
PULLS = ("pull_a", "pull_b")
# The heading above each, in the order of the page.
HEADINGS: dict[str, StrOrPromise] = {
    "pull_a": _("On the one hand"),
    "pull_b": _("On the other hand"),
    "people": _("Who does it touch?"),
    "tried": _("What did you do already?"),
    "touches": _("What does it do to you?"),
    TIMING: _("When does it play?"),
}
# Those in the writer's own words.
WORDS = tuple(name for name in HEADINGS if name != TIMING)


class Timing(models.TextChoices):
    """When a dilemma plays, and nothing finer: a date makes recognisable."""

    OVER = "over", _("It happened already")
    OPEN = "open", _("I have time")
    SOON = "soon", _("I choose soon")


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


def details_of(stored: dict[str, str]) -> list[Detail]:
    """What a post tells in ``stored``, in the order of the page."""
    found = []
    for name, heading in HEADINGS.items():
        if text := stored.get(name, ""):
            shown = Timing(text).label if name == TIMING else text
            found.append(Detail(name, heading, shown))
    return found
