"""One PgQueuer worker: python -m tests.bench.pgqueuer_process install|enqueue|drain DSN [JOBS].

Needs the extra `bench`. `drain` prints "ready", begins at a line of its input and ends with the queue empty.
"""

from __future__ import annotations

import asyncio
import sys

import asyncpg  # type: ignore[import-not-found, unused-ignore]
from pgqueuer import PgQueuer  # type: ignore[import-not-found, unused-ignore]
from pgqueuer.db import AsyncpgDriver  # type: ignore[import-not-found, unused-ignore]
from pgqueuer.queries import Queries  # type: ignore[import-not-found, unused-ignore]
from pgqueuer.types import QueueExecutionMode  # type: ignore[import-not-found, unused-ignore]
from psycopg.conninfo import conninfo_to_dict

BATCH = 100


async def _main(act: str, dsn: str, jobs: int) -> None:
    parts = conninfo_to_dict(dsn)
    connection = await asyncpg.connect(
        host=parts["host"],
        port=int(parts.get("port") or 5432),
        user=parts["user"],
        database=parts["dbname"],
        password=parts.get("password"),
    )
    queries = Queries(AsyncpgDriver(connection))
    if act == "install":
        await queries.install()
    elif act == "enqueue":
        for begin in range(0, jobs, 1000):
            count = min(1000, jobs - begin)
            await queries.enqueue(["send"] * count, [b"hello Aqil"] * count, [0] * count)
        await connection.execute("ANALYZE")
    else:
        queue = PgQueuer(AsyncpgDriver(connection))

        @queue.entrypoint("send")  # type: ignore[untyped-decorator, unused-ignore]
        async def send(job: object) -> None:
            """What our gateway does: nothing."""

        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await queue.run(batch_size=BATCH, mode=QueueExecutionMode.drain)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0))
