"""The console's own widgets: a line-drawn live grid, and the lines around it."""

from __future__ import annotations
