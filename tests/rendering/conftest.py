"""A migrated database for all tests of a module: what is pure only reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from engine.store import Access, Database
from tests import postgres
from tests.world import World


@pytest.fixture(scope="module")
def dsn(server: postgres.TestServer, template_database: str) -> Iterator[str]:
    name = server.create(template_database)
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    """A user and a clock of its own; the contacts of the test before are gone."""
    made = World.at(dsn)
    made.run("DELETE FROM seqconsole.settings WHERE name = 'name_fallback' OR scope = 'column'")
    made.run(
        "TRUNCATE seqconsole.progress, seqconsole.deliveries, seqconsole.attempts, seqconsole.changes, "
        "seqconsole.enrolments, seqconsole.holds, seqconsole.devices, seqconsole.counters, seqconsole.findings"
    )
    made.run(
        "TRUNCATE sequence_contacts, broadcast_messages, sequence_steps, sequences, user_devices, leads"
    )
    made.run("DELETE FROM seqconsole.changes")
    yield made
    made.close()


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    async with Database.open(Access(dsn, max_connections=8)) as opened:
        yield opened
