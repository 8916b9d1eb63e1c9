"""The only way anything changes by hand (DESIGN 6): one file a verb."""

from __future__ import annotations
