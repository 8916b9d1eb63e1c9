"""Health: what is counted live, what the doctor said, its cases, and sending for it again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.doctor import Report
from engine.store import Refused
from seqconsole.examining import Examination, Examiner
from tests.console.fakes import Scene, screen_text, until
from tests.console.figures import EXAMINED

pytestmark = pytest.mark.anyio


async def test_the_doctors_findings_follow_the_live_ones(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "rows without a step id" in screen_text(console))
        shown = screen_text(console)
        assert "offline devices" in shown  # live
        assert shown.index("no key for ON CONFLICT") < shown.index("seqconsole link-steps --all")
        assert "Doctor 2 findings, 3m ago  not looked at: several sequences on one day" in shown
        assert scene.source.asked.count("doctor 0") >= 1


async def test_enter_shows_the_cases_masked_until_asked(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await pilot.press("5", "G", "enter")
        await until(pilot, lambda: "Repair: seqconsole link-steps" in screen_text(console))
        shown = screen_text(console)
        assert "17 contact rows" in shown
        assert "They are never sent" in shown
        assert "+60***000" in shown
        assert "60123450000" not in shown
        assert "the first of 17" in shown
        await pilot.press("w")
        await until(pilot, lambda: "+60123450000" in screen_text(console))
        await pilot.press("escape")
        await until(pilot, lambda: "Doctor 2 findings" in screen_text(console))


async def test_ctrl_r_sends_for_the_doctor_again(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await pilot.press("5")
        await until(pilot, lambda: "ctrl+r looks again" in screen_text(console))
        await pilot.press("ctrl+r")
        scene.source.examined = replace(EXAMINED, running=True)
        await until(pilot, lambda: "doctor 1" in scene.source.asked)
        await until(pilot, lambda: "looking ..." in screen_text(console))
        assert "Doctor 2 findings" in screen_text(console)  # the last report stays
        await pilot.press("ctrl+r")
        assert console.said[-1] == "The doctor is looking."
        scene.source.examined = Examination(failure="missing privilege")
        await until(pilot, lambda: "could not look: missing privilege" in screen_text(console))


async def test_one_run_at_a_time_and_a_failure_keeps_the_last_report() -> None:
    report = EXAMINED.report
    assert report is not None
    go, runs, answers = asyncio.Event(), 0, [report, Refused("no privilege")]

    async def examine() -> Report:
        nonlocal runs
        runs += 1
        await go.wait()
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    examiner = Examiner(examine)
    assert examiner.state(0) == Examination(running=True)
    await asyncio.sleep(0)
    assert examiner.state(0) == examiner.state(1) == Examination(running=True)
    assert runs == 1
    go.set()
    while examiner.state(0).running:
        await asyncio.sleep(0)
    assert examiner.state(0) == Examination(report)
    assert examiner.state(1).running
    while examiner.state(1).running:
        await asyncio.sleep(0)
    assert examiner.state(1) == Examination(report, failure="no privilege")
    assert runs == 2
