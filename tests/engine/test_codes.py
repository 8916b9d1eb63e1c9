"""Retry as data: a row changes what a code leads to, and no row can make a send of a doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.codes import Meaning, Rules, classify, load_rules
from engine.gateways import exchange, gowa_answers
from engine.gateways.protocol import Answer, DeviceState, Outgoing, Platform, Verdict
from engine.runtime import Worker, WorkerOptions
from engine.store import Database
from engine.verdicts import RetryPolicy, settlement
from tests.engine.steps import prepare, take
from tests.world import World

pytestmark = pytest.mark.anyio

RETRY = {"CODE": Meaning(Verdict.RETRY, timedelta(minutes=7))}


def test_a_row_gives_a_code_its_class_and_its_wait() -> None:
    said = classify(RETRY, Answer(Verdict.UNKNOWN, "CODE"))
    assert (said.verdict, said.wait) == (Verdict.RETRY, timedelta(minutes=7))
    asked = classify(RETRY, Answer(Verdict.FAIL, "CODE", wait=timedelta(seconds=9)))
    assert asked.wait == timedelta(seconds=9), "the gateway's own word wins"


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_code_without_a_row_is_not_tried_again_by_itself(verdict: Verdict) -> None:
    said = classify({}, Answer(verdict, "NEVER_HEARD_OF")).verdict
    again = {Verdict.RETRY, Verdict.SLOW_DEVICE, Verdict.HOLD_DEVICE, Verdict.HOLD_CONTACT}
    assert said is (Verdict.UNKNOWN if verdict in again else verdict)


@given(
    st.sampled_from(Verdict), st.sampled_from(Verdict), st.sampled_from(["CODE", "timeout", "a"])
)
def test_no_row_makes_a_send_or_unmakes_one(was: Verdict, row: Verdict, code: str) -> None:
    said = classify({code: Meaning(row)} if row is not Verdict.SENT else {}, Answer(was, code))
    assert (said.verdict is Verdict.SENT) == (was is Verdict.SENT)
    if was is Verdict.UNKNOWN and code != "CODE":
        assert said.verdict is Verdict.UNKNOWN, "our own doubts stay doubts"


@pytest.mark.parametrize("code", ["GATEWAY_TIMEOUT", "INTERNAL_SERVER_ERROR", "timeout"])
def test_what_says_nothing_of_the_send_stays_a_doubt(code: str) -> None:
    rows = {code: Meaning(Verdict.RETRY)}
    assert classify(rows, Answer(Verdict.UNKNOWN, code)).verdict is Verdict.UNKNOWN


async def test_the_rows_say_what_the_client_says(world: World, database: Database) -> None:
    rules = await load_rules(database)
    assert rules.codes is not None
    assert rules.policy == RetryPolicy()
    for (_, code), verdict in gowa_answers.REFUSALS.items():
        assert rules.codes[Platform.GOWA][code].verdict is verdict
    ours = {"timeout", "connect_failed", "too_late", "not_configured", "unsupported_type"}
    ours |= {"device_unread", "bad_media", "bad_content"}
    for platform in Platform:
        codes = rules.codes[platform]
        assert ours <= set(codes)
        for unwritten in (True, False):
            broken = exchange._broken_off(TimeoutError(), written=not unwritten)
            assert codes[broken.code].verdict is broken.verdict


@pytest.mark.parametrize(
    ("code", "meaning", "wait"),
    [
        ("NEW", "sent", None),
        ("NEW", "certainly", None),
        ("timeout", "retry", None),
        ("http_502", "retry", None),
        ("INTERNAL_SERVER_ERROR", "retry", None),
        ("NEW", "retry", "-1 second"),
        ("NEW", "retry", "31 days"),
    ],
)
async def test_rows_that_the_database_refuses(
    world: World, code: str, meaning: str, wait: str | None
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        world.run(
            "INSERT INTO seqconsole.codes (source, code, meaning, wait) VALUES ('gowa', %s, %s, %s) "
            "ON CONFLICT (source, code) DO UPDATE SET meaning = excluded.meaning",
            code,
            meaning,
            wait,
        )


async def test_the_policy_is_read_and_a_slip_of_the_pen_stops_nothing(
    world: World, database: Database
) -> None:
    for name, value in (
        ("retry_tries", 2),
        ("retry_first", "1 minute"),
        ("retry_longest", "00:30:00"),
        ("breaker_after", "3"),
    ):
        world.setting(name, value, "default")
    minute = timedelta(minutes=1)
    assert (await load_rules(database)).policy == RetryPolicy(2, minute, 30 * minute, 3)
    for name in ("retry_tries", "retry_first", "retry_longest", "breaker_after"):
        world.setting(name, "5 bananas", "default")
    assert (await load_rules(database)).policy == RetryPolicy()
    world.run("DELETE FROM seqconsole.settings WHERE name LIKE 'retry%%'")
    world.setting("breaker_after", 0, "default")
    assert (await load_rules(database)).policy == RetryPolicy()


async def test_the_policy_decides_tries_waits_and_the_breaker(
    world: World, database: Database
) -> None:
    world.engine()
    world.message(world.device(), "60123456789")
    await prepare(database)
    [claim] = await take(database)
    answer = Answer(Verdict.RETRY, "CODE")
    patient = RetryPolicy(tries=2, first=timedelta(minutes=4), breaker_after=1)
    usual = settlement(claim, answer, chance=0)
    ours = settlement(claim, answer, chance=0, policy=patient)
    assert (usual.outcome, usual.wait, usual.stop) == ("retry", timedelta(seconds=15), None)
    assert (ours.outcome, ours.wait) == ("retry", timedelta(minutes=2))
    assert ours.stop is not None
    assert (ours.stop.scope, ours.stop.holder) == ("device", "breaker")
    once = settlement(claim, answer, policy=RetryPolicy(tries=1))
    assert (once.outcome, once.code) == ("failed", "CODE (1 tries)")


async def test_a_device_that_says_it_is_online_and_refuses_is_slowed_by_the_breaker(
    world: World, database: Database
) -> None:
    world.engine()
    world.message(world.device(), "60123456789")
    await prepare(database)
    [claim] = await take(database)
    answer = Answer(Verdict.HOLD_DEVICE, "AUTHENTICATION_ERROR")
    first = settlement(claim, answer).stop
    last = settlement(claim, answer, policy=RetryPolicy(breaker_after=1)).stop
    assert first is not None
    assert last is not None
    assert (first.holder, first.wait) == ("gateway", None)
    assert (last.holder, last.wait) == ("breaker", timedelta(minutes=1))


class Refusing:
    """A gateway that refuses with one code, in so many words."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked = 0

    async def send(self, message: Outgoing, *, before_write: object) -> Answer:
        self.asked += 1
        return self.answer

    async def device_states(self) -> list[DeviceState]:
        return []

    async def close(self) -> None: ...


async def test_a_running_worker_follows_a_changed_row(
    world: World, database: Database, tmp_path: Path
) -> None:
    world.run("UPDATE seqconsole.codes SET meaning = 'fail' WHERE code = 'INVALID_WA_CLI'")
    world.engine()
    world.message(world.device(), "60123456789")
    gateway = Refusing(Answer(Verdict.UNKNOWN, "INVALID_WA_CLI"))
    stop = asyncio.Event()
    worker = Worker(database, gateway, WorkerOptions("test", tmp_path, uuid4(), tick=0.02))
    running = asyncio.create_task(worker.run(stop))
    async with asyncio.timeout(20):
        while world.statuses("broadcast_messages") != {"failed": 1}:
            await asyncio.sleep(0.02)
        assert isinstance(worker.sender.rules, Rules)
        world.run("UPDATE seqconsole.codes SET meaning = 'retry' WHERE code = 'INVALID_WA_CLI'")

        def gowa() -> Mapping[str, Meaning]:
            return (worker.sender.rules.codes or {})[Platform.GOWA]

        while gowa()["INVALID_WA_CLI"].verdict is not Verdict.RETRY:
            await asyncio.sleep(0.02)
    stop.set()
    await running
    assert gateway.asked == 1
