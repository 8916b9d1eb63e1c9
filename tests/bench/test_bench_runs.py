"""The measurements run, at sizes of seconds; what they measure is not judged here."""

from __future__ import annotations

import pytest

from tests.bench import adopting, ceiling, claims, days, latency, ledger, load, reading, scheduling
from tests.bench.figures import Figure, Stopwatch, at_least, at_most, table
from tests.bench.server import BenchServer
from tests.postgres import TestServer

pytestmark = pytest.mark.anyio


@pytest.fixture
def bench(server: TestServer) -> BenchServer:
    """The tests' own server, whose settings are not durable."""
    return BenchServer(server.cluster, prefix=f"bench_{server.owner}")


@pytest.mark.bench
async def test_each_part_gives_its_figures(bench: BenchServer) -> None:
    figures = [
        *await claims.measure(
            bench, queued=(600, 900), devices=(3, 30), blocked=500, rounds=1, in_a_row=4
        ),
        *await scheduling.measure(bench, waiting=2500, rounds=1),
        *await reading.measure(bench, rows=600, devices=30, rounds=1),
        *await latency.measure(bench, samples=3, seconds=0.5),
        *await adopting.measure(bench, rows=500, rounds=1),
    ]
    assert {figure.part for figure in figures} == {
        "claim",
        "schedule",
        "read",
        "due to gateway",
        "adopt",
    }
    assert sum(figure.met is not None for figure in figures) == 15


@pytest.mark.bench
async def test_the_long_parts_give_their_figures(bench: BenchServer) -> None:
    figures = [
        *await ledger.measure(bench, rows=1000, devices=30, rounds=1, in_a_row=2),
        *await load.measure(bench, burst=600, devices=200, samples=5, seconds=5, delay=0.02),
        *await days.measure(bench, days=2, devices=3, limit=2),
    ]
    assert {figure.part for figure in figures} == {"ledger", "full load", "days"}
    assert any(figure.value == "288 of 288" for figure in figures), "each day's messages are sent"


@pytest.mark.bench
async def test_the_ceiling_sends_every_message(bench: BenchServer) -> None:
    figures = await ceiling.measure(bench, messages=300, devices=60, rounds=1, concurrency=50)
    rates = [figure.value for figure in figures if "/s; " in figure.value]
    assert len(rates) >= 4


def test_a_figure_says_whether_its_target_is_met() -> None:
    watch = Stopwatch()
    for value in (1.0, 2.0, 9.0):
        watch.add("claim", value)
    assert (watch.median("claim"), watch.quantile("claim", 0.95)) == (2.0, 9.0)
    shown = table([at_most("claim", "p95", 9.0, 15, " ms"), at_least("read", "ratio", 49.0, 50)])
    assert shown.splitlines()[2:] == [
        "| claim | p95 | 9 ms | ≤ 15 ms | met |",
        "| read | ratio | 49x | ≥ 50x | **missed** |",
    ]
    assert table([Figure("a", "b", "c")]).endswith("| a | b | c |  |  |")
