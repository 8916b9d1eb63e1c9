"""Keeps Python's collector of cycles from stopping the screen: a full round over all that a console
with an engine has loaded takes a tenth of a second, and neither thread can do anything meanwhile.
"""

from __future__ import annotations

import gc
from typing import Final

SETTLED: Final = 5.0
"""Seconds after the start by which what stays for good has been made."""

_THRESHOLDS: Final = (5_000, 20, 20)
"""A round over young objects once so many more were made than freed; then as many rounds as said."""


def spare_what_stays() -> None:
    """Collect once; what is left is not looked at again by later rounds, which are short then."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
