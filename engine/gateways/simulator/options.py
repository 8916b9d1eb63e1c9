"""The options of the simulated gateway's process."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.gateways.simulator.behaviour import Odds, SimulatedState


@dataclass(frozen=True, slots=True)
class Options:
    """How the simulator behaves. `port` 0 = any free one.

    `devices` are those it lists and their states; a device it was never told of is online.
    `late` is how many seconds after the send the answer `late_sent` comes.
    """

    log: Path
    port: int = 0
    seed: int = 0
    odds: Odds = field(default_factory=Odds)
    late: float = 61.0
    devices: Mapping[str, SimulatedState] = field(default_factory=dict)
    ready_fd: int | None = None
    with_parent: bool = False


def parse(arguments: Sequence[str]) -> Options:
    """The options of a command line; ends the process with 2 on wrong usage."""
    parser = _parser()
    given = parser.parse_args(arguments)
    devices: dict[str, SimulatedState] = {}
    if given.devices_file is not None:
        try:
            devices |= _read_devices(given.devices_file)
        except (OSError, ValueError) as error:
            parser.error(f"--devices-file {given.devices_file}: {error}")
    devices |= dict.fromkeys(given.offline, SimulatedState.OFFLINE)
    devices |= dict.fromkeys(given.failing, SimulatedState.FAILING)
    return Options(
        log=given.log,
        port=given.port,
        seed=given.seed,
        odds=Odds(given.latency, given.fail, given.retry, given.timeout, given.error),
        late=given.late,
        devices=devices,
        ready_fd=given.ready_fd,
        with_parent=given.with_parent,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m engine.gateways.simulator",
        description="A WhatsApp gateway that sends nothing: HTTP on 127.0.0.1, with a log.",
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 = any free one (printed)")
    add("--log", type=Path, required=True, metavar="FILE", help="append what reaches the wire")
    add("--seed", type=int, default=0)
    add("--latency", type=_range, default=(0.5, 5.0), metavar="LOW:HIGH", help="seconds")
    for name, text in (
        ("--fail", "numbers that are not on WhatsApp"),
        ("--retry", "messages answered with 503"),
        ("--timeout", "messages never answered, half of them sent"),
        ("--error", "messages answered with 500, half of them sent"),
    ):
        add(name, type=_share, default=0.0, metavar="SHARE", help=f"0..1 of {text}")
    add("--late", type=float, default=61.0, metavar="SECONDS", help="delay of a late answer")
    add("--offline", action="append", default=[], metavar="DEVICE")
    add("--failing", action="append", default=[], metavar="DEVICE")
    add("--devices-file", type=Path, metavar="FILE", help="JSON object: device id -> state")
    add("--ready-fd", type=int, metavar="FD", help="write the URL here when listening")
    add("--with-parent", action="store_true", help="end when standard input ends")
    return parser


def _read_devices(path: Path) -> dict[str, SimulatedState]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return {str(device): SimulatedState(state) for device, state in content.items()}


def _range(text: str) -> tuple[float, float]:
    low, _, high = text.partition(":")
    first, last = float(low), float(high or low)
    if not 0 <= first <= last:
        raise argparse.ArgumentTypeError("LOW:HIGH with 0 <= LOW <= HIGH")
    return first, last


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("a share between 0 and 1")
    return share
