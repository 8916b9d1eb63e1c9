"""An operator who is killed: `python -m tests.faults.operator_process DSN` reads lines `VERB|FAILPOINT`.

Each is done by a child of its own with the console's verbs; its exit code is printed.
"""

from __future__ import annotations

import asyncio
import os
import sys

from engine.failpoints import VARIABLE
from engine.operations.targets import EVERYTHING
from engine.store import Access, Database
from seqconsole.database_source import DatabaseVerbs


async def act(dsn: str, verb: str) -> None:
    async with Database.open(Access(dsn)) as database:
        verbs = DatabaseVerbs(database, "ops", gateway_configured=True)
        match verb:
            case "pause":
                await verbs.pause(EVERYTHING, "why")
            case "resume":
                await verbs.resume(EVERYTHING, "why")
            case "resolve":
                preview = await verbs.preview_resolve(None, None)
                await verbs.resolve(None, preview.pinned, None)
            case "engine off":
                await verbs.engine_off()
            case "engine on":
                await verbs.engine_on()
            case "undo":
                await verbs.undo(None)
            case _:
                raise ValueError(verb)


def in_child(dsn: str, verb: str, failpoint: str) -> int:
    """The exit code; that of a signal is negative."""
    child = os.fork()
    if child == 0:
        os.environ[VARIABLE] = failpoint
        try:
            asyncio.run(act(dsn, verb))
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for line in sys.stdin:
        print(in_child(sys.argv[1], *line.rstrip("\n").split("|")), flush=True)
