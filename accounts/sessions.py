"""Sessions whose payload is sealed and whose end is rounded to the day."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core import signing

STEP = 1024
NONCE_BYTES = 12


def _key() -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"session").derive(
        settings.SECRET_KEY.encode()
    )


class SessionStore(DatabaseStore):
    """Django's database sessions; the row shows neither the member nor a moment.

    The payload is padded to a step of 1 KiB and sealed with AES-256-GCM under a key
    derived from the web framework's secret.
    """

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        return super().get_model_class()

    def encode(self, session_dict: dict[str, Any]) -> str:
        plain = json.dumps(session_dict).encode()
        plain = plain.ljust(-(-(len(plain) + 1) // STEP) * STEP)
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + AESGCM(_key()).encrypt(nonce, plain, b"session")
        return signing.b64_encode(sealed).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        try:
            data = (
                session_data.encode() if isinstance(session_data, str) else session_data
            )
            sealed = signing.b64_decode(data)
            plain = AESGCM(_key()).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], b"session"
            )
        except (InvalidTag, ValueError):
            return {}
        content: dict[str, Any] = json.loads(plain)
        return content

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        return _until_midnight(super().create_model_instance(data))

    async def acreate_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        return _until_midnight(await super().acreate_model_instance(data))


def _until_midnight(session: AbstractBaseSession) -> AbstractBaseSession:
    """The end of the day on which it ends: a moment would tell when it began."""
    day = session.expire_date.replace(hour=0, minute=0, second=0, microsecond=0)
    session.expire_date = day + dt.timedelta(days=1)
    return session


def end_sessions(member_id: str) -> None:
    """Delete every session of the member.

    The rows do not show whose they are, so each one is opened once.
    """
    store = SessionStore()
    sessions = SessionStore.get_model_class()._default_manager
    ended = [
        key
        for key, data in sessions.values_list("session_key", "session_data").iterator()
        if store.decode(data).get(SESSION_KEY) == member_id
    ]
    sessions.filter(session_key__in=ended).delete()
