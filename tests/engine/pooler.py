"""PgBouncer in transaction mode before the test server, where the program exists."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.postgres import TestServer

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
PORT = 6432

CONFIG = """
[databases]
{database} = host={host} port={port} user={user} dbname={database}
[pgbouncer]
unix_socket_dir = {folder}
unix_socket_mode = 0777
listen_port = {own_port}
auth_type = any
pool_mode = transaction
default_pool_size = {size}
logfile = {folder}/log
"""


@contextmanager
def pgbouncer(server: TestServer, dsn: str, size: int) -> Iterator[str]:
    """Start it with `size` connections to the server; yields the conninfo that leads through it."""
    assert PROGRAM is not None
    given = conninfo_to_dict(dsn)
    account = server.cluster.account  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="seqbouncer-", dir="/tmp"))
    folder.chmod(0o755)
    config = folder / "ini"
    config.write_text(
        CONFIG.format(
            database=given["dbname"],
            host=given["host"],
            port=given["port"],
            user=given["user"],
            folder=folder,
            own_port=PORT,
            size=size,
        )
    )
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    process = subprocess.Popen(
        [PROGRAM, "-q", config],
        stderr=subprocess.DEVNULL,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        through = make_conninfo(
            host=str(folder), port=PORT, user=given["user"], dbname=given["dbname"]
        )
        _wait(through, folder)
        yield through
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(conninfo: str, folder: Path) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            psycopg.connect(conninfo).close()
        except psycopg.OperationalError:
            log = folder / "log"
            assert time.monotonic() < deadline, log.read_text() if log.exists() else "no log"
            time.sleep(0.05)
        else:
            return
