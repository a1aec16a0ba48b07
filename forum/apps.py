"""Connects the receivers."""

from __future__ import annotations

from django.apps import AppConfig


class ForumConfig(AppConfig):
    name = "forum"

    def ready(self) -> None:
        from forum import receivers  # noqa: F401 - it registers
