"""Addresses of the sockets."""

from __future__ import annotations

from typing import Any

from django.urls import path

from forum.consumers import RoomConsumer, ThreadConsumer

# Channels keeps its applications in Django's routes, which are typed for views.
websocket_urlpatterns: list[Any] = [
    path("ws/room/", RoomConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/dilemmas/<id:thread_id>/", ThreadConsumer.as_asgi()),  # type: ignore[arg-type]
]
