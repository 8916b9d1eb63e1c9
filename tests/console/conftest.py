"""Fixtures of the console's tests."""

from __future__ import annotations

import pytest

from tests.console.fakes import Scene


@pytest.fixture
def scene() -> Scene:
    """A console over fixed rows and recording verbs."""
    return Scene()
