"""A member's own tag in a domain and scope, and keys for what only they may read.

Never asked "whose tag is this": everything here starts from the one member who
makes the request.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from accounts.models import Member
from accounts.secrets import secret_of

TAG_BYTES = 16
# RFC 2104: the secret, with every byte combined with one of these two.
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Domain(StrEnum):
    """What a tag is for; the scope is named beside each."""

    AUTHOR = "author"  # thread
    LOCK = "lock"  # thread
    READ = "read"  # thread
    FLAG = "flag"  # post
    REACT = "react"  # post
    ONCE = "once"  # form key
    DRAFT = "draft"  # slot number
    FLOOD = "flood"  # what is counted, in memory
    NOTICE = "notice"  # the record of an unsealing
    MARK = "mark"  # the member: tells one secret of theirs from another


def own_tag(member: Member, domain: Domain, scope: str) -> str:
    """The tag of ``member`` for ``scope``: 16 bytes as hex, always the same.

    Raises KeyRingMissing without a key ring.
    """
    return tag_under(secret_of(member), domain, scope)


def tag_under(secret: bytes, domain: Domain, scope: str) -> str:
    """The tag that ``secret`` gives: of use to whoever holds a secret, and to no other.

    HMAC-SHA-256 (RFC 2104) over domain, a zero byte and the scope, cut to 16 bytes.
    """
    message = domain.encode() + b"\0" + scope.encode()
    return hmac.digest(secret, message, hashlib.sha256)[:TAG_BYTES].hex()


def own_tags(member: Member, domain: Domain, scopes: Iterable[str]) -> dict[str, str]:
    """Scope by own tag, for many scopes.

    The two hash states that HMAC prepares from the secret are copied for each scope:
    half the time of a new HMAC, which counts when there are 20,000.
    """
    secret = secret_of(member).ljust(hashlib.sha256().block_size, b"\0")
    inner = hashlib.sha256(secret.translate(_INNER) + domain.encode() + b"\0")
    outer = hashlib.sha256(secret.translate(_OUTER))
    found = {}
    for scope in scopes:
        state, last = inner.copy(), outer.copy()
        state.update(scope.encode())
        last.update(state.digest())
        found[last.hexdigest()[: 2 * TAG_BYTES]] = scope
    return found


def own_key(member: Member, purpose: str) -> bytes:
    """A 256-bit key for ``purpose`` that only the member's secret gives.

    HKDF-SHA-256 (RFC 5869). Raises KeyRingMissing without a key ring.
    """
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(
        secret_of(member)
    )
