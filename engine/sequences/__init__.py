"""A sequence as a readable file, and switched on and off: each an operation with preview and undo."""

from __future__ import annotations
