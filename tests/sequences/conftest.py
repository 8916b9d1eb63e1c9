"""A migrated database for all tests of a module, emptied before each."""

from __future__ import annotations

from tests.rendering.conftest import database, dsn, world

__all__ = ["database", "dsn", "world"]
