"""Address of the queue's socket."""

from __future__ import annotations

from typing import Any

from django.urls import path

from moderation.consumers import QueueConsumer

# As in `forum.routing`.
websocket_urlpatterns: list[Any] = [
    path("ws/moderation/", QueueConsumer.as_asgi()),  # type: ignore[arg-type]
]
