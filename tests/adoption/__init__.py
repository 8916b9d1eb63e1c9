"""Adopting databases that another application made."""

from __future__ import annotations
