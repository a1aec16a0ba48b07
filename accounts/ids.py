"""Random ids for addresses and rows: they say nothing about order or number."""

from __future__ import annotations

import re
import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 20


def random_id() -> str:
    """A new id of 20 characters, 100 bits, from the system's random source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def random_scope() -> str:
    """128 random bits as hex: the scope of a tag, never shown to anybody."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of an id."""
    return re.fullmatch(IdConverter.regex, text) is not None


class IdConverter:
    """The path converter ``<id:…>`` for such ids."""

    regex = f"[{ALPHABET}]{{{LENGTH}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
