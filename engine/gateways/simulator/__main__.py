"""`python -m engine.gateways.simulator`: run the simulated gateway."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from functools import partial

import anyio
from anyio import CancelScope
from anyio.abc import SocketAttribute, TaskStatus

from engine.gateways.simulator.model import Model
from engine.gateways.simulator.options import Options, parse
from engine.gateways.simulator.server import handle
from engine.gateways.simulator.wirelog import WireLog


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or the parent's end. Returns the exit code."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        log = WireLog(options.log)
        anyio.run(_serve, options, log)
    except OSError as error:
        print(f"simulated gateway: {error}", file=sys.stderr)
        return 2
    log.close()
    return 0


async def _serve(options: Options, log: WireLog) -> None:
    listener = await anyio.create_tcp_listener(
        local_host="127.0.0.1", local_port=options.port, backlog=1024
    )
    async with listener, anyio.create_task_group() as tasks:
        await tasks.start(_until_signal, tasks.cancel_scope)
        if options.with_parent:
            tasks.start_soon(_until_parent_ends, tasks.cancel_scope)
        port = listener.extra(SocketAttribute.local_port)
        _announce(f"http://127.0.0.1:{port}", options.ready_fd)
        await listener.serve(partial(handle, Model(options, log)), task_group=tasks)


def _announce(url: str, ready_fd: int | None) -> None:
    if ready_fd is None:
        print(url, flush=True)
        return
    os.write(ready_fd, f"{url}\n".encode())
    os.close(ready_fd)


async def _until_signal(scope: CancelScope, *, task_status: TaskStatus[None]) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:
            scope.cancel()
            return


async def _until_parent_ends(scope: CancelScope) -> None:
    """Standard input is a pipe whose other end only the parent holds: its end is the parent's."""
    while True:
        await anyio.wait_readable(0)
        if not os.read(0, 4096):
            scope.cancel()
            return


if __name__ == "__main__":
    sys.exit(main())
