"""The doctor: what is wrong with a database, how much of it, and what repairs it. Read only."""

from __future__ import annotations

from engine.doctor.looking import examine
from engine.doctor.model import Check, Example, Finding, Report, Skipped

__all__ = ["Check", "Example", "Finding", "Report", "Skipped", "examine"]
