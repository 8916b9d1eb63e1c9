"""The dashboard, the rules and the unit name only what there is."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from engine.reports.figures import Figures
from engine.runtime import DRAIN_AT_MOST
from engine.sending import Sender
from engine.views import WorkerView
from engine.watching import ClaimTimes
from seqconsole.cli.parser import build
from seqconsole.metrics import Readout
from tests.console.figures import NOW, device, overview, uid

FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"


def known() -> set[str]:
    """The names of all samples that a worker serves."""
    worker = WorkerView(uid(3), "h", "1", NOW, timedelta(), 0, False, True)
    devices = [device(0)]
    seen = Figures(overview(devices, 1), [worker], devices, Counter({"drift": 1}))
    sender = SimpleNamespace(answers=Counter(), in_flight=0, error=None, claim_times=ClaimTimes())
    readout = Readout(seen, cast("Sender", sender), per_device=True)
    return {sample.name for family in readout.collect() for sample in family.samples}


def named(text: str) -> set[str]:
    return set(re.findall(r"\bseqconsole_[a-z_]+", text))


def test_the_dashboard_draws_metrics_that_there_are() -> None:
    board: dict[str, Any] = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    used = set[str]()
    for panel in board["panels"]:
        for target in panel["targets"]:
            assert target["expr"].count("(") == target["expr"].count(")"), panel["title"]
            used |= named(target["expr"])
    assert used <= known()
    assert known() - used <= {  # shown by another, or asked for
        "seqconsole_claim_seconds_count", "seqconsole_claim_seconds_sum", "seqconsole_findings",
        "seqconsole_worker_versions", "seqconsole_device_pending",
        "seqconsole_device_sent_in_window", "seqconsole_device_stopped",
    }  # fmt: skip
    places = [panel["gridPos"] for panel in board["panels"]]
    cells = [
        (x, y)
        for at in places
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_the_rules_judge_metrics_that_there_are() -> None:
    text = (FOLDER / "prometheus-rules.yml").read_text()
    assert named(text) <= known()
    commands = re.findall(r"seqconsole ([a-z-]+)", text)
    assert commands
    for command in commands:
        build().parse_args([command])


def test_the_unit_runs_what_there_is() -> None:
    lines = (FOLDER / "seqconsole-worker.service").read_text().splitlines()
    set_to = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    args = build().parse_args(shlex.split(set_to["ExecStart"])[1:])
    assert (args.command, args.metrics, args.log_format) == ("worker", "127.0.0.1:9187", "json")
    assert int(set_to["TimeoutStopSec"]) > DRAIN_AT_MOST
    assert not any("PASSWORD" in line.upper() for line in lines)
