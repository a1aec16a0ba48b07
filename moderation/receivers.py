"""Turns signals of the apps below into review items."""

from __future__ import annotations
