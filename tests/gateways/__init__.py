"""Gateways: their judgement, and the simulated one's real process."""

from __future__ import annotations
