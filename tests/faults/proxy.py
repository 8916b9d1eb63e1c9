"""A TCP proxy before PostgreSQL that can do what a network does."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Mode(StrEnum):
    """What becomes of bytes. `BLACKHOLE`: they vanish, also those of new connections. `REFUSE`: RST."""

    PASS = "pass"
    BLACKHOLE = "blackhole"
    REFUSE = "refuse"


class Proxy:
    """Listens on loopback; `dsn` leads through it. Its mode may change at any time."""

    def __init__(self, dsn: str) -> None:
        given = conninfo_to_dict(dsn)
        self._target = f"{given['host']}/.s.PGSQL.{given['port']}"
        self._given = given
        self.mode = Mode.PASS
        self.delay = 0.0
        """Seconds that each answer of the server waits."""
        self.accepted = 0
        self.passed = 0
        """Bytes that the server has answered."""
        self.dsn = ""
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.dsn = make_conninfo(
            host="127.0.0.1",
            port=port,
            user=self._given["user"],
            dbname=self._given["dbname"],
            sslmode="disable",
            gssencmode="disable",
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    def reset(self) -> None:
        """RST on every connection that stands."""
        for writer in list(self._open):
            _reset(writer)

    async def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._open.add(to_client)
        if self.mode is Mode.REFUSE:
            _reset(to_client)
            self._open.discard(to_client)
            return
        server, to_server = await asyncio.open_unix_connection(self._target)
        self._open.add(to_server)
        for reader, writer, delayed in ((client, to_server, False), (server, to_client, True)):
            pump = asyncio.create_task(self._pump(reader, writer, delayed))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delayed: bool
    ) -> None:
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        sender = asyncio.create_task(self._forward(late, writer))
        clock = asyncio.get_running_loop().time
        with suppress(ConnectionError, OSError):
            try:
                while data := await reader.read(65536):
                    self.passed += len(data) if delayed else 0
                    late.put_nowait((clock() + self.delay if delayed else 0.0, data))
                late.put_nowait((0.0, b""))
                await sender
            finally:
                sender.cancel()
        if self.mode is not Mode.BLACKHOLE:
            writer.transport.abort()
            self._open.discard(writer)

    async def _forward(
        self, late: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        """Each piece at its time; what comes later does not wait for the way of what came before."""
        clock = asyncio.get_running_loop().time
        while True:
            at, data = await late.get()
            if not data:
                return
            await asyncio.sleep(max(0.0, at - clock()) if at else 0)
            if self.mode is not Mode.BLACKHOLE:
                writer.write(data)
                await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.family == socket.AF_INET:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
