"""The widgets, driven by a pilot."""

from __future__ import annotations
