"""Whether there is a key ring at all; without one reading goes on, writing is closed."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class KeyRingMissing(ValidationError):
    """There is no key ring: writing and joining are closed, reading goes on."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Writing is closed for a moment. Reading goes on. "
                "Your text is still in this form."
            ),
            code="key_ring_missing",
        )


def is_ready() -> bool:
    """Whether there is a key to wrap with."""
    return bool(settings.ALIAS_KEYS)
