"""The scene of the pictures, and a console on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from engine.store import Access
from seqconsole.demo.scene import prepare_scene
from tests.postgres import TestServer


@pytest.fixture(scope="module")
def scene(server: TestServer) -> Iterator[Access]:
    """The demo data, worked on, its clock standing still; one a module."""
    name = server.create("template0")
    access = Access(server.dsn(name))
    asyncio.run(prepare_scene(access))
    yield access
    server.drop(name)
