"""Fault 45: SQL in names, reasons, filters and the address of a schema is text, and stays it."""

from __future__ import annotations

import pytest

from engine.operations.holds import pause, resume
from engine.operations.model import Scope
from engine.operations.repair import preview_repair
from engine.operations.repair_facts import Selection
from engine.operations.retry import Retry
from engine.operations.targets import NotFound, find
from engine.operations.undo import undo
from engine.reader import Reader
from engine.store import Access, Database
from tests.engine.steps import send_all
from tests.operations.scene import ME, sound
from tests.world import World

pytestmark = pytest.mark.anyio

HOSTILE = (
    "'; DROP TABLE user_devices CASCADE; --",
    '" OR "1"="1"; DELETE FROM sequences; --',
    "x' || (SELECT string_agg(content, '') FROM broadcast_messages) || '",
    "$$; TRUNCATE seqconsole.deliveries; $$",
    r"\'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity; --",
    "%s %(now)s :'now' %% {0} {name}",
    "100%_",
)


@pytest.mark.slow
async def test_fault_45_hostile_text_is_a_parameter_everywhere(
    world: World, database: Database
) -> None:
    now = world.freeze()
    world.engine()
    for n, text in enumerate(HOSTILE):
        device, sequence = world.device(text), world.sequence(text, delays=(0,))
        world.contact(sequence, f"6012345678{n}", device, name=text, due=now)
        target = await find(database, Scope.DEVICE, [text])
        assert target.keys == (str(device),)
        assert (await find(database, Scope.SEQUENCE, [text])).keys == (str(sequence[0]),)
        done = await pause(database, ME, target, text)
        assert done.n == 1
        assert world.value("SELECT reason FROM seqconsole.holds") == text
        await undo(database, ME, done.operation_id)
        await pause(database, ME, target, None)
        await resume(database, ME, target, text, now=True)
        nothing = await preview_repair(database, Retry(), Selection(error=text))
        assert nothing.n == 0
        for scope in (Scope.CONTACT, Scope.HOST, Scope.USER):
            with pytest.raises(NotFound):
                await find(database, scope, [text])
    assert len(await send_all(database)) == len(HOSTILE) - 1, "one is a text with a hole"
    assert {d.name for d in (await Reader(database).devices())} == set(HOSTILE)
    assert len(await Reader(database).journal(100)) == 4 * len(HOSTILE)
    await sound(world, database)


@pytest.mark.parametrize("text", HOSTILE[:3])
async def test_fault_45_the_name_of_a_schema_is_quoted(dsn: str, world: World, text: str) -> None:
    async with Database.open(Access(dsn, schema=text)) as database, database.transaction() as tx:
        await tx.now()
    for table in ("user_devices", "sequences", "seqconsole.deliveries"):
        assert world.value(f"SELECT count(*) FROM {table}") == 0
