"""Links in mails that work without signing in: a sealed value with a purpose.

Such a token stands in mailboxes and in the logs of proxies. It shows nothing and does
not end; two tokens of one member do not even look alike.
"""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.urls import reverse

UNSUBSCRIBE = "unsubscribe"
NONCE_BYTES = 12


def unsubscribe_address(member_id: str) -> str:
    """The full address at which a POST ends the digest of ``member_id``."""
    token = make_token(UNSUBSCRIBE, member_id)
    return f"{settings.ORIGIN}{reverse('accounts:unsubscribe', args=[token])}"


def make_token(purpose: str, value: str) -> str:
    """``value`` sealed for one purpose, in characters that fit in an address.

    AES-256-GCM (NIST SP 800-38D) under a key derived from the web framework's secret,
    with the purpose as associated data: a token for one thing opens nothing else.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = _cipher().encrypt(nonce, value.encode(), purpose.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def read_token(purpose: str, token: str) -> str | None:
    """What `make_token` sealed for this purpose; None for anything else."""
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        nonce, sealed = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return _cipher().decrypt(nonce, sealed, purpose.encode()).decode()
    except (binascii.Error, ValueError, InvalidTag):
        return None


def _cipher() -> AESGCM:
    kdf = HKDF(SHA256(), 32, salt=None, info=b"links in mails")
    return AESGCM(kdf.derive(settings.SECRET_KEY.encode()))
