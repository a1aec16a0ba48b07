"""Addresses of the conversation."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "forum"
urlpatterns: list[URLPattern] = []
