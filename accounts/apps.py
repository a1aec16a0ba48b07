"""Connects the receivers and registers the start-up checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.urls import register_converter


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import checks, receivers  # noqa: F401 - both register
        from accounts.ids import IdConverter

        register_converter(IdConverter, "id")
