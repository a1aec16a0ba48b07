"""Start-up checks: what an operator should know before people come in."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from accounts import readiness


@register()
def key_ring_is_present(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without a ring the room opens read-only; that deserves a line, not a stop."""
    if readiness.is_ready():
        return []
    return [
        Warning(
            "DK_ALIAS_KEYS is missing: reading goes on, writing and joining are "
            "closed.",
            hint="Run `manage.py make_keys` once, or set DK_ALIAS_KEYS.",
            id="accounts.W001",
        )
    ]
