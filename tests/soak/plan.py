"""What a soak does: its size, its faults, its seed."""

from __future__ import annotations

from dataclasses import dataclass

POINTS = {
    "before claim": 5,
    "after claim": 15,
    "before write": 4,
    "after answer": 4,
    "before settle": 15,
    "after settle": 5,
}
"""Where a worker may kill itself, and how many of a hundred kills do so there; the rest are at random."""

IN_FLIGHT = ("after claim", "before write", "after answer", "before settle")
"""The points that lie between a claim and its settlement."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Times in seconds. `pause` is the range between two faults; `points` as in POINTS.

    Of a hundred faults `servers` kill PostgreSQL, `gateways` the gateway, `stops` stop a worker
    for a while; the rest kill a worker. `long_stop` is one stop that outlasts the lease (0: none).
    `first_faults` and `first_points` come before what chance draws. A device with an attempt in doubt
    rests until its lease ends (150 s), so there must be many more devices than kills in that time
    leave doubts. The run goes on beyond `seconds`, at most to `longest`, until it has seen `kills`
    of workers and `messages` on the wire: a busy machine does less in the same time. After so many kills, if any are named, nothing more is broken.
    """

    seconds: float
    seed: int
    workers: int = 4
    devices: int = 80
    limit: int = 4
    window: float = 10.0
    latency: tuple[float, float] = (0.005, 0.04)
    concurrency: int = 2
    pause: tuple[float, float] = (0.5, 1.5)
    servers: int = 6
    gateways: int = 4
    stops: int = 6
    long_stop: float = 0.0
    contacts: int = 400
    first_faults: tuple[str, ...] = ()
    first_points: tuple[str, ...] = ()
    kills: int = 0
    messages: int = 0
    longest: float = 0.0


def short(seed: int) -> Plan:
    """About twenty seconds: the test of every day. Its first faults are certain."""
    return Plan(
        8,
        seed,
        workers=3,
        devices=40,
        limit=4,
        window=3.0,
        pause=(0.5, 1.0),
        first_faults=("server", "worker", "gateway", "worker", "stop", "server"),
        first_points=("after claim", "after answer", "before settle"),
        kills=8,
        messages=120,
        longest=90.0,
    )
