"""A process that uses an embedded cluster: `python user.py ROOT [write]`.

It prints `up SECONDS CONNINFO`, then, with `write`, the number of each row once it is committed;
it leaves when its standard input ends. What goes wrong is one line `error MESSAGE`, exit status 3.
"""

from __future__ import annotations

import os
import select
import sys
import time
from pathlib import Path

from seqconsole.embedded import Cluster, EmbeddedError


def left() -> bool:
    """Whether our standard input has ended."""
    readable, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(readable) and not os.read(sys.stdin.fileno(), 1)


def write(dsn: str) -> None:
    """Insert rows, each committed, and tell each number."""
    import psycopg  # slow to import, and only needed here

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY)")
        row = connection.execute("SELECT coalesce(max(n), 0) FROM written").fetchone()
        number: int = row[0] if row else 0
        while not left():
            number += 1
            connection.execute("INSERT INTO written VALUES (%s)", [number])
            print(number, flush=True)


def main(root: Path, writing: bool) -> int:
    """Use the cluster in `root` until told to leave."""
    try:
        cluster = Cluster.at(root)
        began = time.perf_counter()
        with cluster.use(timeout=60) as conninfo:
            print("up", f"{time.perf_counter() - began:.3f}", conninfo, flush=True)
            if writing:
                write(cluster.dsn("postgres"))
            sys.stdin.buffer.read()
    except EmbeddedError as problem:
        print("error", str(problem).splitlines()[0], flush=True)
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), "write" in sys.argv[2:]))
