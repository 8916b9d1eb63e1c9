"""`migrate` in a process that kills itself as if by `kill -9`, at the step that is named on the command line.

    python -m tests.adoption.kill_process DSN POINT PORTION

POINT is `name` (before this statement or file is run) or `name!` (after it, before its transaction ends); without
one the run goes to its end. Each step passed is a line of the output.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from engine import filling
from engine.adoption import migrate
from engine.store import Access, Transaction
from engine.store.migrator import Migrator

READS = ("session/", "adopt/place", "adopt/memory", "adopt/adopted")


def die_at(point: str) -> Callable[[str], None]:
    def passing(name: str) -> None:
        print(name, flush=True)
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return passing


def arm(passing: Callable[[str], None]) -> None:
    """Every statement of the adoption, and every file and every statement of a file, passes by."""

    def around(owner: type, method: str, named: Callable[..., str]) -> None:
        original: Callable[..., Awaitable[Any]] = getattr(owner, method)

        async def wrapped(self: Any, *args: Any, **options: Any) -> Any:
            name = named(*args, **options)
            if name.startswith(READS):
                return await original(self, *args, **options)
            passing(name)
            result = await original(self, *args, **options)
            passing(f"{name}!")
            return result

        setattr(owner, method, wrapped)

    for method in ("run", "queue", "rows", "value"):
        around(Transaction, method, _statement if method != "rows" else _rows)
    around(Migrator, "_record", lambda migration: f"record {migration.short}")
    around(Migrator, "_as_transaction", lambda migration: migration.short)
    around(Migrator, "_one_statement", lambda migration, sql: f"{migration.short}: {sql[:24]}")
    around(Migrator, "ensure_ledger", lambda: "ledger")


def _statement(name: str, **params: Any) -> str:
    return f"{name} {params['stage']}" if "stage" in params else name


def _rows(row: type, name: str, **params: Any) -> str:
    return _statement(name, **params)


def main(dsn: str, point: str = "", portion: str = "20000") -> None:
    filling.PORTION = int(portion)
    arm(die_at(point))
    asyncio.run(migrate(Access(dsn), country="60"))


if __name__ == "__main__":
    main(*sys.argv[1:])
