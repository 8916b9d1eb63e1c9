"""The simulated gateway: a process of its own, speaking HTTP, whose log is the tests' oracle."""

from __future__ import annotations
