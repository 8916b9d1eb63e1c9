"""Whether a body is from who has the secret: HMAC-SHA256 over the raw bytes, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

HEADER: Final = "x-hub-signature-256"
_FORM: Final = re.compile(r"sha256=([0-9a-fA-F]{64})")


def signature_in(headers: Sequence[str]) -> bytes | None:
    """The signature that a request carries; None where it has none, several, or no valid one."""
    found = _FORM.fullmatch(headers[0]) if len(headers) == 1 else None
    return bytes.fromhex(found[1]) if found else None


def is_signed(body: bytes, secret: bytes, signature: bytes) -> bool:
    """Whether this signature is the secret's over this body."""
    return hmac.compare_digest(hmac.new(secret, body, hashlib.sha256).digest(), signature)
