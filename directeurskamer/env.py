"""Typed readers for settings from the environment, each refused with one sentence.

Reading is done by environs; this module adds the prefix and the wording.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from environs import EnvError, FileAwareEnv

T = TypeVar("T")

_env = FileAwareEnv(prefix="DK_", strip_whitespace=True)


def read(reader: str, name: str, default: Any = None, **options: Any) -> Any:
    """The value of ``DK_<name>`` (or of the file in ``DK_<name>_FILE``).

    ``reader`` is the name of an environs method, such as ``bool`` or ``list``.
    Raises ImproperlyConfigured with a sentence that names the variable.
    """
    try:
        return getattr(_env, reader)(name, default, **options)
    except (EnvError, ValueError) as error:
        raise ImproperlyConfigured(f"DK_{name} cannot be used: {error}") from error


def secret(name: str, file: Path) -> str:
    """The secret ``DK_<name>``, or what `make_keys` wrote to ``file``, or nothing."""
    value = str(read("str", name, ""))
    if value:
        return value
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ImproperlyConfigured(
            f"DK_{name}: the file {file.name} cannot be read."
        ) from error


def checked(name: str, value: str, parse: Callable[[str], T]) -> T:
    """``parse(value)``; a ValueError becomes a sentence that names ``DK_<name>``."""
    try:
        return parse(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"DK_{name} cannot be used: {error}") from error
