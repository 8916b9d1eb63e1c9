"""The simulated gateway's state: devices, scripts, chance, and what it does with a message."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import anyio

from engine.gateways.simulator.behaviour import BY_STATE, Behaviour, SimulatedState, draw
from engine.gateways.simulator.options import Options
from engine.gateways.simulator.replies import REPLIES, Reply, Wait
from engine.gateways.simulator.wirelog import WireLog

STATE_WORDS: Mapping[SimulatedState, str] = {
    SimulatedState.ONLINE: "logged_in",
    SimulatedState.FAILING: "logged_in",
    SimulatedState.LOGGED_OUT: "connected",
    SimulatedState.CONNECTING: "connecting",
    SimulatedState.OFFLINE: "disconnected",
}
"""Our states in the gateway's words."""


@dataclass(slots=True)
class Script:
    """Answers that a test asked for, used up one by one; `repeat` keeps the last."""

    answers: deque[Behaviour]
    latency: float | None
    repeat: bool

    def take(self) -> Behaviour:
        """The next answer. There must be one."""
        if self.repeat and len(self.answers) == 1:
            return self.answers[0]
        return self.answers.popleft()


@dataclass(frozen=True, slots=True)
class Received:
    """A well-formed request to send."""

    device: str
    phone: str
    attempt: str
    text: str


class Model:
    """Everything the simulator knows. Single-threaded; used by every connection."""

    def __init__(self, options: Options, log: WireLog) -> None:
        self.odds = options.odds
        self.devices: dict[str, SimulatedState] = dict(options.devices)
        self.log = log
        self._seed = options.seed
        self._late = options.late
        self._scripts: dict[tuple[str, str], Script] = {}
        self._released = anyio.Event()
        self._sends: defaultdict[str, int] = defaultdict(int)

    async def deliver(self, received: Received) -> tuple[Reply, str]:
        """Do with the message what chance or script say, up to where the answer is due.

        The caller's going away changes nothing: a real gateway sends all the same.
        """
        behaviour, latency = self._decide(received)
        reply = REPLIES[behaviour]
        self.log.request(
            device=received.device,
            phone=received.phone,
            attempt=received.attempt,
            behaviour=behaviour,
        )
        released = self._released
        await anyio.sleep(latency)
        if reply.wait is Wait.RELEASE:
            await released.wait()
        message_id = ""
        for _ in range(reply.sends):
            message_id = self._send(received)
        if reply.wait is Wait.LATE:
            await anyio.sleep(self._late)
        return reply, message_id

    def release(self) -> None:
        """Let the messages that are held now go."""
        self._released.set()
        self._released = anyio.Event()

    def script(self, order: Mapping[str, Any]) -> None:
        """Take a test's order. Raises `ValueError` or `TypeError` on one that makes no sense."""
        answers = deque(Behaviour(answer) for answer in order.get("answers", ()))
        latency = order.get("latency")
        if not answers:
            low, high = map(float, latency or ())
            self.odds = replace(self.odds, latency=(low, high))
            return
        key = ("all", "")
        for kind in ("phone", "device"):
            if kind in order:
                key = (kind, str(order[kind]))
        wait = None if latency is None else float(latency)
        self._scripts[key] = Script(answers, wait, bool(order.get("repeat", False)))

    def listing(self) -> Iterable[dict[str, str]]:
        """The devices as `GET /devices` shows them."""
        for device, state in self.devices.items():
            if state in STATE_WORDS:
                yield {"id": device, "state": STATE_WORDS[state]}

    def _decide(self, received: Received) -> tuple[Behaviour, float]:
        state = self.devices.setdefault(received.device, SimulatedState.ONLINE)
        behaviour, latency = draw(self._seed, received.attempt, received.phone, self.odds)
        if state in BY_STATE:
            return BY_STATE[state], latency
        for key in (("phone", received.phone), ("device", received.device), ("all", "")):
            script = self._scripts.get(key)
            if script is not None and script.answers:
                wait = latency if script.latency is None else script.latency
                return script.take(), wait
        return behaviour, latency

    def _send(self, received: Received) -> str:
        self._sends[received.attempt] += 1
        name = f"{self._seed}:{received.attempt}:{self._sends[received.attempt]}"
        message_id = "3EB0" + hashlib.sha256(name.encode()).hexdigest()[:18].upper()
        self.log.wire(
            device=received.device,
            phone=received.phone,
            attempt=received.attempt,
            message_id=message_id,
            text=received.text,
        )
        return message_id
