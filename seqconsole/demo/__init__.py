"""The demo's data: realistic, dirty on purpose, and the same for the same seed (DESIGN 8)."""

from __future__ import annotations

from seqconsole.demo.dataset import DemoSize, generate
from seqconsole.demo.loader import LoadedDemo, load

__all__ = ["DemoSize", "LoadedDemo", "generate", "load"]
