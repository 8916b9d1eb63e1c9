"""Keeps credentials out of what is kept: an answer may echo the request that carried them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

SHORTEST: Final = 4
"""Characters of a credential that is looked for; a shorter one would blot out ordinary text."""
HIDDEN: Final = b"(hidden)"


def without(body: bytes, secrets: Iterable[str]) -> bytes:
    """The body with each secret taken out, in the spellings of JSON, forms and addresses too."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) < SHORTEST:
            continue
        in_json = json.dumps(secret)[1:-1]
        for spelling in {
            secret,
            in_json,
            in_json.replace("/", "\\/"),
            quote(secret, safe=""),
            quote_plus(secret),
        }:
            body = body.replace(spelling.encode(), HIDDEN)
    return body
