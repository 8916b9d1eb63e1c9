"""What the simulated gateway does with a message: drawn by seed, or scripted by a test."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final


class Behaviour(StrEnum):
    """What happens to one request. `..._sent` reaches the wire, whatever the caller is told."""

    SENT = "sent"
    INVALID_JID = "invalid_jid"
    VALIDATION_ERROR = "validation_error"
    UNAVAILABLE = "unavailable"
    NOT_CONNECTED = "not_connected"
    NOT_LOGGED_IN = "not_logged_in"
    DEVICE_NOT_FOUND = "device_not_found"
    BASIC_AUTH = "basic_auth"
    TIMELOCK = "timelock"
    RATE_LIMITED = "rate_limited"
    TIMEOUT_SENT = "timeout_sent"
    TIMEOUT_NOT_SENT = "timeout_not_sent"
    LATE_SENT = "late_sent"
    HELD_SENT = "held_sent"
    ERROR_SENT = "error_sent"
    ERROR_NOT_SENT = "error_not_sent"
    GATEWAY_TIMEOUT_SENT = "gateway_timeout_sent"
    CLOSE_SENT = "close_sent"
    CLOSE_NOT_SENT = "close_not_sent"
    TWICE_SENT = "twice_sent"
    HTML_SENT = "html_sent"
    TRUNCATED_SENT = "truncated_sent"
    EMPTY_OBJECT_SENT = "empty_object_sent"
    WRONG_TYPES_SENT = "wrong_types_sent"
    BIG_BODY_SENT = "big_body_sent"
    SLOW_BODY_SENT = "slow_body_sent"
    GZIP_BOMB_SENT = "gzip_bomb_sent"
    BAD_CHUNKS_SENT = "bad_chunks_sent"
    HEADER_FLOOD_SENT = "header_flood_sent"
    REDIRECT_SENT = "redirect_sent"


class SimulatedState(StrEnum):
    """A simulated device's state. `FAILING` looks online and answers every send with a 503."""

    ONLINE = "online"
    OFFLINE = "offline"
    CONNECTING = "connecting"
    LOGGED_OUT = "logged_out"
    FAILING = "failing"
    MISSING = "missing"


BY_STATE: Final = {
    SimulatedState.OFFLINE: Behaviour.NOT_CONNECTED,
    SimulatedState.CONNECTING: Behaviour.NOT_CONNECTED,
    SimulatedState.LOGGED_OUT: Behaviour.NOT_LOGGED_IN,
    SimulatedState.FAILING: Behaviour.UNAVAILABLE,
    SimulatedState.MISSING: Behaviour.DEVICE_NOT_FOUND,
}
"""What a device that is not online does with any message, before scripts and chance."""


@dataclass(frozen=True, slots=True)
class Odds:
    """Shares between 0 and 1 of messages that go wrong, and the latency's range in seconds.

    Half of `timeout` and of `error` (5xx) has reached the wire, half has not.
    """

    latency: tuple[float, float] = (0.5, 5.0)
    fail: float = 0.0
    retry: float = 0.0
    timeout: float = 0.0
    error: float = 0.0


def draw(seed: int, attempt: str, phone: str, odds: Odds) -> tuple[Behaviour, float]:
    """The behaviour and the latency in seconds of an attempt; the same for the same arguments.

    A number that is not on WhatsApp (`fail`) stays so for every attempt of that seed.
    """
    chance = Random(f"{seed}:{attempt}")
    latency = chance.uniform(*odds.latency)
    if Random(f"{seed}:{phone}").random() < odds.fail:
        return Behaviour.INVALID_JID, latency
    roll = chance.random()
    sent = chance.random() < 0.5
    for share, after, before in (
        (odds.retry, Behaviour.UNAVAILABLE, Behaviour.UNAVAILABLE),
        (odds.timeout, Behaviour.TIMEOUT_SENT, Behaviour.TIMEOUT_NOT_SENT),
        (odds.error, Behaviour.ERROR_SENT, Behaviour.ERROR_NOT_SENT),
    ):
        if roll < share:
            return (after if sent else before), latency
        roll -= share
    return Behaviour.SENT, latency
