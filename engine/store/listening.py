"""Hints (NOTIFY) that something changed: whoever hears one looks. The poll stays the truth."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import anyio
from psycopg import AsyncConnection

from engine.store.database import CONNECTION, Access
from engine.store.deadline import CHECK_LIMIT, Deadline
from engine.store.errors import StoreError, translated
from engine.store.sqlfiles import query
from engine.waiting import pause

log = logging.getLogger(__name__)

PROBE: Final = 5.0
"""Seconds without a hint after which the connection must prove itself by a round trip."""

LONGEST_WAIT: Final = 30.0


async def listen(access: Access, on_hint: Callable[[], None], stop: asyncio.Event) -> None:
    """Call `on_hint` for each hint until `stop`, on a connection of its own, which is renewed for ever.

    After each new connection it is called at once, because hints may have been missed. Needs a
    session: behind PgBouncer in transaction mode nothing is heard.
    """
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_listen_again, access, on_hint)
        await stop.wait()
        tasks.cancel_scope.cancel()


async def _listen_again(access: Access, on_hint: Callable[[], None]) -> None:
    wait = 0.2
    never = asyncio.Event()
    while True:
        try:
            with translated(access.described):
                conn = await AsyncConnection.connect(access.conninfo, **CONNECTION)
                try:
                    await conn.execute(query("session/listen"))
                    wait = 0.2
                    on_hint()
                    await _hear(conn, on_hint)
                finally:
                    await conn.close()
        except (StoreError, OSError) as error:
            log.warning("listener: %s", error)
        await pause(never, wait)
        wait = min(wait * 2, LONGEST_WAIT)


async def _hear(conn: AsyncConnection[Any], on_hint: Callable[[], None]) -> None:
    """Returns by an error alone. A generator of hints must end before the connection may be used."""
    while True:
        heard = False
        async for _ in conn.notifies(timeout=PROBE, stop_after=1):
            heard = True
        if heard:
            on_hint()
            continue
        with Deadline(conn, CHECK_LIMIT):
            await conn.execute(query("session/now"))
