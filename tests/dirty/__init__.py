"""Databases as the wild has them: built clean, then planted with the defects of `Defect`, alone or mixed.

`python -m tests.dirty --help` makes one by hand.
"""

from __future__ import annotations

from tests.dirty.build import Wild, build, new_tables, plant
from tests.dirty.defects import ALONE, DATA, KEYS, REFUSED_BY_MIGRATE, Defect, Planted

__all__ = [
    "ALONE",
    "DATA",
    "KEYS",
    "REFUSED_BY_MIGRATE",
    "Defect",
    "Planted",
    "Wild",
    "build",
    "new_tables",
    "plant",
]
