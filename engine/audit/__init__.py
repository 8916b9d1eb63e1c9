"""What went wrong in a database of this shape, whoever worked it: read-only, installs nothing (DESIGN 8)."""

from __future__ import annotations

from engine.audit.checks import Check, all_checks
from engine.audit.results import Result, State
from engine.audit.running import NAMED, Audit, Options, audited

__all__ = ["NAMED", "Audit", "Check", "Options", "Result", "State", "all_checks", "audited"]
