"""Starts the simulated gateway as a process of its own, and steers it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self
from uuid import UUID

import anyio

from engine.gateways import exchange
from engine.gateways.simulator.behaviour import Behaviour, SimulatedState
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.wirelog import WireEntry, read_log

START_LIMIT: Final = 30.0
STOP_LIMIT: Final = 5.0


class SimulatedGatewayProcess:
    """An async context manager around the process. It ends with this one, also by `kill -9`.

    Raises `RuntimeError` with the process's own words if it does not come up. `start` and `stop`
    may be called from different event loops; after `stop`, `start` takes the same port again.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.url = ""
        self.log_path = options.log
        self._errors = options.log.with_name(options.log.name + ".err")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The running process's id."""
        return self._running().pid

    def entries(self) -> list[WireEntry]:
        """What has reached the wire so far."""
        return read_log(self.log_path)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the process and wait until it listens."""
        if self._process is not None:
            raise RuntimeError("the simulated gateway runs already")
        ready, announce = os.pipe()
        try:
            try:
                self._process = self._spawn(announce)
            finally:
                os.close(announce)
            self.url = await self._announced(ready)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self.stop()
            raise
        finally:
            os.close(ready)
        self.options = replace(self.options, port=int(self.url.rpartition(":")[2]))

    async def stop(self) -> None:
        """End the process; kill it where it does not end in `STOP_LIMIT` seconds."""
        process, self._process = self._process, None
        if process is None:
            return
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(_end, process)

    def kill(self) -> None:
        """`kill -9`, as a test does it: open requests are lost on the spot."""
        process, self._process = self._running(), None
        process.kill()
        _end(process)

    async def set_device(self, device: UUID | str, state: SimulatedState) -> None:
        """Change a device's state from now on."""
        await self._order(f"/simulator/devices/{device}", {"state": state})

    async def script(
        self,
        answers: Sequence[Behaviour | str],
        *,
        phone: str | None = None,
        device: UUID | str | None = None,
        latency: float | None = None,
        repeat: bool = False,
    ) -> None:
        """The next answers to a phone, else to a device, else to all; then chance again.

        `latency` is in seconds; `repeat` keeps the last answer for good.
        """
        order: dict[str, Any] = {"answers": list(answers), "repeat": repeat}
        if phone is not None:
            order["phone"] = phone
        if device is not None:
            order["device"] = str(device)
        if latency is not None:
            order["latency"] = latency
        await self._order("/simulator/behaviour", order)

    async def set_latency(self, low: float, high: float) -> None:
        """The range of latencies from now on, in seconds."""
        await self._order("/simulator/behaviour", {"latency": [low, high]})

    async def release(self) -> None:
        """Let the requests that `held_sent` holds now go on."""
        await self._order("/simulator/release", {})

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the simulated gateway does not run")
        return self._process

    def _spawn(self, announce: int) -> subprocess.Popen[bytes]:
        with _private(self._errors) as errors:
            # A session of its own: Ctrl-C is for the parent, which may still be draining.
            return subprocess.Popen(
                [sys.executable, "-m", "engine.gateways.simulator", *self._arguments(announce)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(announce,),
                start_new_session=True,
            )

    def _arguments(self, announce: int) -> list[str]:
        options, odds = self.options, self.options.odds
        devices = options.log.with_name(options.log.name + ".devices")
        with _private(devices) as file:
            file.write(json.dumps(dict(options.devices)).encode())
        low, high = odds.latency
        given = {
            "--port": options.port,
            "--log": options.log,
            "--seed": options.seed,
            "--latency": f"{low}:{high}",
            "--fail": odds.fail,
            "--retry": odds.retry,
            "--timeout": odds.timeout,
            "--error": odds.error,
            "--late": options.late,
            "--devices-file": devices,
            "--ready-fd": announce,
        }
        return ["--with-parent", *(f"{name}={value}" for name, value in given.items())]

    async def _announced(self, ready: int) -> str:
        line = b""
        with anyio.move_on_after(START_LIMIT):
            while not line.endswith(b"\n"):
                await anyio.wait_readable(ready)
                piece = os.read(ready, 256)
                if not piece:
                    break
                line += piece
        if line.endswith(b"\n"):
            return line.decode().strip()
        words = await anyio.Path(self._errors).read_text(encoding="utf-8", errors="replace")
        last = words.strip().rpartition("\n")[2] or "it said nothing"
        raise RuntimeError(f"the simulated gateway did not start: {last}")

    async def _order(self, path: str, order: dict[str, Any]) -> None:
        async with exchange.Client(self.url) as http:
            request = http.request("POST", path, json=order)
            status, _, body = await exchange.fetch(
                http, request, cap=exchange.BODY_CAP, deadline=10
            )
        if status != 200:
            raise ValueError(body.decode("utf-8", "replace"))


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
