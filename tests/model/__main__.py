"""`python -m tests.model --steps N --seed S`: the model for as long as asked, on a PostgreSQL of its own."""

from __future__ import annotations

import argparse
import os
import sys
import time

from psycopg.conninfo import conninfo_to_dict

from tests import postgres
from tests.model.oracle import Violation
from tests.model.running import missing, run


def main() -> int:
    """0: nothing broke and the run was not empty; 1: a violation; 2: an empty run."""
    parser = argparse.ArgumentParser(prog="python -m tests.model")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    shared = postgres.ROOT_VARIABLE in os.environ
    root = None if shared else postgres.make_root()
    try:
        return _run(asked.steps, asked.seed)
    finally:
        if root is not None:
            postgres.remove_root(root)


def _run(steps: int, seed: int) -> int:
    cluster = postgres.session_cluster()
    with cluster.use():
        server = postgres.TestServer(cluster, "model")
        server.make_template()

        def drop(dsn: str) -> None:
            server.drop(str(conninfo_to_dict(dsn)["dbname"]))

        started = time.monotonic()
        try:
            events = run(lambda: server.dsn(server.create()), steps, seed, drop)
        except Violation as error:
            print(f"violation: {error}")
            return 1
    print(f"{steps} steps in {time.monotonic() - started:.0f} s")
    for name, n in sorted(events.items()):
        print(f"{n:8} {name}")
    if lacking := missing(events):
        print(f"empty run, never happened: {', '.join(lacking)}")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
