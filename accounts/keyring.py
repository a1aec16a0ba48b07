"""The key ring: wraps and opens member secrets.

The ring lies outside the database and its backups. The first key wraps, every key
opens. The import contract names the few modules that may use this one.
"""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from accounts.readiness import KeyRingMissing, is_ready

KEY_BYTES = 32
NONCE_BYTES = 12
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + 16


def parse(value: str) -> tuple[bytes, ...]:
    """The keys in ``value``: base64url of 32 bytes each, separated by commas.

    Raises ValueError with a sentence that says what is wrong; never shows a key.
    """
    keys = []
    for number, part in enumerate(filter(None, map(str.strip, value.split(","))), 1):
        try:
            padded = part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)
            key = base64.b64decode(padded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise ValueError(f"key {number} is not base64url.") from None
        if len(key) != KEY_BYTES:
            raise ValueError(f"key {number} does not have {KEY_BYTES} bytes.")
        keys.append(key)
    if len(set(keys)) != len(keys):
        raise ValueError("two keys are the same.")
    return tuple(keys)


def make_key() -> str:
    """A new key in the form that `parse` reads."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")


def wrap(secret: bytes, member_id: str) -> bytes:
    """``secret`` sealed under the first key, bound to ``member_id``; 60 bytes.

    AES-256-GCM (NIST SP 800-38D) with a random nonce; no time in it.
    """
    if not is_ready():
        raise KeyRingMissing
    nonce = secrets.token_bytes(NONCE_BYTES)
    key: bytes = settings.ALIAS_KEYS[0]
    return nonce + AESGCM(key).encrypt(nonce, secret, member_id.encode())


def open_wrapped(wrapped: bytes, member_id: str) -> bytes:
    """The secret of ``member_id``; raises InvalidTag if no key opens it for them."""
    if not is_ready():
        raise KeyRingMissing
    nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    for key in settings.ALIAS_KEYS:
        try:
            return AESGCM(key).decrypt(nonce, sealed, member_id.encode())
        except InvalidTag:
            continue
    raise InvalidTag


def rewrap(wrapped: bytes, member_id: str) -> bytes:
    """The same secret under the first key; unchanged when it is there already.

    Raises InvalidTag if no key of the ring opens it.
    """
    nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    try:
        AESGCM(settings.ALIAS_KEYS[0]).decrypt(nonce, sealed, member_id.encode())
    except InvalidTag:
        return wrap(open_wrapped(wrapped, member_id), member_id)
    return wrapped
