"""Typed readers for settings from the environment, each refused with one sentence.

Reading is done by environs; this module adds the prefix and the wording.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

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
    except (OSError, UnicodeError):
        raise ImproperlyConfigured(
            f"DK_{name}_FILE cannot be used: it is not a file that can be read."
        ) from None
    except (EnvError, ValueError) as error:
        raise ImproperlyConfigured(f"DK_{name} cannot be used: {error}") from None


def secret(name: str, file: Path) -> str:
    """The secret ``DK_<name>``, or what `make_keys` wrote to ``file``, or nothing."""
    value = str(read("str", name, ""))
    if value:
        return value
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError):
        raise ImproperlyConfigured(
            f"DK_{name}: the file {file.name} cannot be read."
        ) from None


def checked(name: str, value: str, parse: Callable[[str], T]) -> T:
    """``parse(value)``; a ValueError becomes a sentence that names ``DK_<name>``."""
    try:
        return parse(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"DK_{name} cannot be used: {error}") from None


def address(name: str, value: str, parse: Callable[[str], T], *, example: str) -> T:
    """``parse(value)`` of an address that may hold a password.

    What a parser says about such a value is never shown: it may repeat a part of it.
    """
    try:
        return parse(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"DK_{name} cannot be used: it looks like {example}, with signs such as "
            "@ and / inside a name or password written as %40 and %2F."
        ) from None


def origin(value: str) -> SplitResult:
    """The scheme and host in ``value``; nothing gives an empty one.

    Raises ValueError with a sentence when there is more, or less.
    """
    refusal = "it is a scheme and a host, such as https://kamer.example."
    try:
        parts = urlsplit(value.rstrip("/").lower())
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname)
        has_more = parts.path or parts.query or parts.fragment or parts.username
        _ = parts.port  # Read for its check.
    except ValueError:
        raise ValueError(refusal) from None
    if value and (has_more or not is_one):
        raise ValueError(refusal)
    return parts
