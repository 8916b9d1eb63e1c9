"""How a phone number is named in texts for people."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(
    r"(?<![^\W_])(?<!\.)(?<![0-9a-fA-F]-)(?<![0-9]:)"
    r"(?:\+[0-9][0-9 ()-]{7,18}[0-9]|\+?[0-9]{8,15})"
    r"(?![^\W_]|[.:][0-9]|-[0-9a-fA-F]{4}-)"
)
"""A run of digits as a phone number may stand in a text; not in an id, a time or a measure."""


def masked(phone: str | None) -> str:
    """A phone key as `+60***881` (DESIGN 7): enough to recognise, too little to call."""
    digits = "".join(c for c in phone or "" if c in "0123456789")
    if len(digits) < 8:
        return f"***{digits[-2:]}"
    return f"+{digits[:2]}***{digits[-3:]}"


def without_phones(text: str) -> str:
    """A text with whatever may be a phone number in it masked."""
    return _NUMBER.sub(lambda found: masked(found[0]), text)
