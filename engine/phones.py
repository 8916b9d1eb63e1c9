"""How a phone number is named in texts for people."""

from __future__ import annotations


def masked(phone: str | None) -> str:
    """A phone key as `+60***881` (DESIGN 7): enough to recognise, too little to call."""
    digits = "".join(c for c in phone or "" if c in "0123456789")
    if len(digits) < 8:
        return f"***{digits[-2:]}"
    return f"+{digits[:2]}***{digits[-3:]}"
