"""What every template may name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def room(request: HttpRequest) -> dict[str, Any]:
    """The name of the room, how to reach us, and what the promise depends on."""
    return {
        "site_name": settings.SITE_NAME,
        "contact_email": settings.CONTACT_EMAIL,
        "premoderate": settings.PREMODERATE,
        "is_demo": settings.DEMO,
    }
