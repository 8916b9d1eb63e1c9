"""A gateway host that plays a script: raw bytes, silence, resets, and a record of what reached it."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

import h11


@dataclass(frozen=True)
class Seen:
    """A request that arrived whole."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def fields(self) -> dict[str, str]:
        """The fields of a JSON object, a form or a multipart form."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("application/json"):
            return {k: v if isinstance(v, str) else json.dumps(v) for k, v in self.json.items()}
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        whole = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + self.body)
        parts = whole.get_payload()
        assert isinstance(parts, list)
        return {_name(part): _text(part) for part in parts}

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object of the body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


def _name(part: Message) -> str:
    name = part.get_param("name", header="content-disposition")
    assert isinstance(name, str)
    assert part.get_filename() is None
    return name


def _text(part: Message) -> str:
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    return raw.decode()


def reply(status: int, body: bytes | dict[str, Any], **headers: str) -> bytes:
    """A whole answer; `Retry_After="5"` gives that header."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Content-Type": "application/json", "Content-Length": str(len(raw))}
    given |= {name.replace("_", "-"): text for name, text in headers.items()}
    lines = "".join(f"{name}: {text}\r\n" for name, text in given.items())
    return f"HTTP/1.1 {status} So\r\n{lines}\r\n".encode() + raw


class Act:
    """What a host does with a request instead of answering."""

    RESET = "reset after the request"
    RESET_BEFORE = "reset before the request is read"
    CLOSE = "close without an answer"
    SILENCE = "no answer while anybody waits for it"
    CUT = "half an answer, then the end"
    DRIP = "a body that never ends, a byte at a time"
    SPLIT = "the answer in single bytes"


Step = bytes | str | Callable[[Seen], bytes]


@dataclass
class Scripted:
    """The host. Each request takes the next step of `script`; without one `usual` answers."""

    usual: Step
    script: deque[Step] = field(default_factory=deque)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    url: str = ""
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        self.writers.add(writer)
        if (task := asyncio.current_task()) is not None:
            self.tasks.add(task)
        try:
            if self.script and self.script[0] == Act.RESET_BEFORE:
                self.script.popleft()
                await reader.read(1)
                _reset(writer)
                return
            http = h11.Connection(h11.SERVER)
            while (request := await _receive(http, reader, number)) is not None:
                self.seen.append(request)
                step = self.script.popleft() if self.script else self.usual
                if not await self._play(step, request, reader, writer):
                    return
                http = h11.Connection(h11.SERVER)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _play(
        self, step: Step, request: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection goes on."""
        match step:
            case bytes():
                writer.write(step)
                await writer.drain()
                return True
            case Act.RESET:
                _reset(writer)
            case Act.SILENCE:
                await reader.read()  # until the other end leaves: too late
                writer.write(self.answer(request))
            case Act.CUT:
                whole = self.answer(request)
                writer.write(whole[: len(whole) - 9])
                await writer.drain()
            case Act.DRIP:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
                while True:
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0.05)
            case Act.SPLIT:
                for byte in self.answer(request):
                    writer.write(bytes([byte]))
                    await writer.drain()
                return True
            case str():
                return False  # Act.CLOSE: the connection ends without an answer
            case made:
                writer.write(made(request))
                await writer.drain()
                return True
        return False

    def answer(self, request: Seen) -> bytes:
        assert not isinstance(self.usual, str)
        return self.usual if isinstance(self.usual, bytes) else self.usual(request)


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _receive(http: h11.Connection, reader: asyncio.StreamReader, number: int) -> Seen | None:
    head: h11.Request | None = None
    body = b""
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(65536)
            if not data:
                return None
            http.receive_data(data)
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            assert head is not None
            headers = {n.decode(): v.decode("latin-1") for n, v in head.headers}
            return Seen(head.method.decode(), head.target.decode(), headers, body, number)


@asynccontextmanager
async def host(usual: Step, *script: Step, **options: Any) -> AsyncIterator[Scripted]:
    """A host on this machine; `ssl` makes it speak TLS."""
    made = Scripted(usual, deque(script))
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, **options)
    scheme = "https" if options.get("ssl") else "http"
    made.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        for writer in made.writers:
            writer.transport.abort()
        await asyncio.wait([*made.tasks, asyncio.create_task(asyncio.sleep(0))], timeout=10)
