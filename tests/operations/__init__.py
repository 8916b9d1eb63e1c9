"""The operator's verbs on a real database."""

from __future__ import annotations
