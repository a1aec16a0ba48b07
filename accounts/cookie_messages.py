"""Messages for the next page, in a cookie that only this session can read back."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core import signing


class SessionStorage(CookieStorage):
    """Django's cookie storage, signed under the session: no row, no use elsewhere."""

    @property
    def signer(self) -> signing.Signer:
        """Follows the session, which gets a new key when somebody signs in."""
        key = (self.request.session.session_key or "").encode()
        bound_to = hmac.digest(settings.SECRET_KEY.encode(), key, hashlib.sha256).hex()
        return signing.get_cookie_signer(salt=f"messages {bound_to}")

    @signer.setter
    def signer(self, one_for_all: signing.Signer) -> None:
        """Django makes one at the start; it is not used."""
