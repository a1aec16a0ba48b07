"""Listens to accounts: when access ends, sockets close."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from accounts.signals import access_ended
from forum import hub


@receiver(access_ended)
def close_sockets(
    member_id: str, session_key: str | None = None, **kwargs: Any
) -> None:
    transaction.on_commit(partial(hub.end_access, member_id, session_key))
