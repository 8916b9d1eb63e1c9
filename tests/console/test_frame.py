"""The frame in hard times: no database, read-only, too small, ASCII, an engine of one's own, the end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from engine.store.errors import DatabaseUnavailable, Refused
from seqconsole.screens.devices import DevicesScreen
from seqconsole.widgets.confirm import Confirm
from tests.console.fakes import FakeEngine, Scene, screen_text, started, toasts, until
from tests.console.figures import NOW, device

pytestmark = pytest.mark.anyio
SIZE = (80, 24)
AWAY = DatabaseUnavailable("cannot reach demo on host-3: connection refused")


async def test_a_lost_database_keeps_the_data_with_its_age_and_comes_back(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        scene.source.error = AWAY
        await until(pilot, lambda: console.lost is not None)
        scene.clock.now += 14
        await until(pilot, lambda: "Connection lost 10s ago" in screen_text(console))
        text = screen_text(console)
        assert "Showing 10:41:07" in text
        assert "Seremban 13" in text
        assert "× LOST" in text
        await pilot.press("p")
        await until(pilot, lambda: toasts(console))
        assert toasts(console) == ["Pause: no connection to the database"]
        scene.source.error = None
        await until(pilot, lambda: console.lost is None)
        await until(pilot, lambda: "Connection lost" not in screen_text(console))
        await pilot.press("p")
        await until(pilot, lambda: scene.verbs.done)


async def test_keys_that_waited_for_a_database_that_is_away_are_dropped(scene: Scene) -> None:
    scene.source.gate = asyncio.Event()
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("P", "y")
        scene.source.error = AWAY
        scene.source.gate.set()
        await until(pilot, lambda: toasts(console))
        assert toasts(console)[0].startswith("2 waiting keys dropped: cannot reach demo")
        scene.source.error = None
        await started(pilot)
        await pilot.press("j")
        assert scene.verbs.done == []


async def test_the_failure_of_one_panel_stays_in_it(scene: Scene) -> None:
    scene.source.journal_error = Refused("missing privilege on demo: operations")
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("6")
        await until(pilot, lambda: "× missing privilege" in screen_text(console))
        assert "LOST" not in screen_text(console)
        await pilot.press("1")
        await until(pilot, lambda: "Seremban 13" in screen_text(console))


async def test_read_only_wears_a_badge_and_its_keys_say_so(scene: Scene) -> None:
    console = scene.console(read_only=True)
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        assert " RO " in screen_text(console)
        for key in ("p", "P", "z", "E"):
            await pilot.press(key)
        await pilot.press("3", "x")
        await until(pilot, lambda: len(toasts(console)) == 5)
        assert all("this console is read-only" in line for line in toasts(console))
        assert (scene.verbs.done, scene.source.asked) == ([], [])


async def test_figures_are_rolled_up_only_while_no_engine_does_it(scene: Scene) -> None:
    scene.source.facts["workers"] = 0
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        assert "no worker" in screen_text(console)
        await until(pilot, lambda: scene.source.asked.count("roll_up") > 2)
        scene.source.facts["workers"] = 1
        await until(pilot, lambda: "1w" in screen_text(console))
        count, reads = scene.source.asked.count("roll_up"), scene.source.reads
        await until(pilot, lambda: scene.source.reads > reads + 3)
        assert scene.source.asked.count("roll_up") <= count + 1


async def test_everything_paused_and_a_moved_clock_are_alarming_at_80_columns(scene: Scene) -> None:
    scene.source.facts.update(everything_held="audit", clock_offset=timedelta(hours=2), versions=2)
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        line = screen_text(console).splitlines()[0]
        assert "▲" in line
        assert "dup 5" in line
        assert "clock +2.0 h" in line
        assert "Everything is paused: audit" in screen_text(console)


async def test_production_is_unmistakable(scene: Scene) -> None:
    console = scene.console(production=True, database_label="crm on db-1")
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        assert screen_text(console).lstrip().startswith("PROD")


async def test_a_countdown_of_another_operator_is_shown(scene: Scene) -> None:
    scene.source.facts.update(countdown=12, countdown_until=NOW + timedelta(seconds=7))
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        assert "In 7s: 12 messages may go out" in screen_text(console)


async def test_a_terminal_too_small_says_so_and_keeps_its_place(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(59, 24)) as pilot:
        await started(pilot)
        await until(pilot, lambda: "80 x 24 or more, please." in screen_text(console))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Seremban 13" in screen_text(console))
        await pilot.press("j", "p")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done[0][1].names == ("Miri 07",)


async def test_ascii_draws_no_other_character(scene: Scene) -> None:
    scene.source.devices = [device(at) for at in range(8)]
    console = scene.console(ascii=True)
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        svg = console.export_screenshot()
        drawn = svg[svg.index('class="terminal-') :]
        assert {character for character in drawn if ord(character) > 127} <= {"\u00a0"}


async def test_hostile_text_from_the_database_is_drawn_harmless(scene: Scene) -> None:
    scene.source.devices = [device(0, name="[red]x\x1b[2J\u202e[/nope]", hold="\x07\n")]
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await started(pilot)
        text = screen_text(console)
        assert "[red]x\\x1b[2J" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


async def test_q_leaves_with_0_when_others_send(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("q")
        await until(pilot, lambda: console.return_value is not None)
    assert console.return_code == 0


async def test_the_only_sender_asks_before_it_leaves_and_shows_its_drain(scene: Scene) -> None:
    engine = FakeEngine(ends=False)
    console = scene.console(engine=engine)
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        assert console.screen.lines[0].startswith("This console is the only sender: ")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(console.screen, DevicesScreen))
        await pilot.press("q", "y")
        await until(pilot, lambda: engine.asked)
        await until(pilot, lambda: "Draining 2 sends…" in screen_text(console))
        engine.alive = False
        await until(pilot, lambda: console.return_value is not None)
    assert (console.return_code, engine.asked) == (0, 1)


async def test_a_second_q_leaves_at_once(scene: Scene) -> None:
    engine = FakeEngine(ends=False)
    scene.source.facts["workers"] = 2
    console = scene.console(engine=engine)
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("q")
        await until(pilot, lambda: engine.asked)
        await pilot.press("q")
        await until(pilot, lambda: console.return_value is not None)
    assert engine.alive


async def test_an_engine_that_died_is_an_alarm(scene: Scene) -> None:
    engine = FakeEngine(alive=False, error=OSError("disk"))
    console = scene.console(engine=engine)
    async with console.run_test(size=(160, 50)) as pilot:
        await started(pilot)
        assert "engine here stopped: OSError" in screen_text(console)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
async def test_a_signal_ends_it_with_its_code(scene: Scene, number: int, code: int) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        os.kill(os.getpid(), number)
        await until(pilot, lambda: console.return_value is not None)
    assert console.return_code == code


CRASH = """
import asyncio, sys
from tests.console.fakes import Scene
from seqconsole.screens.devices import DevicesScreen

def broken(self, snapshot):
    phone = "CANARY-60123456789"
    raise ValueError("CANARY in the text " + phone)

DevicesScreen.rows = broken
console = Scene().console()
asyncio.run(console.run_async(headless=True))
sys.exit(console.return_code)
"""


async def test_a_crash_is_one_line_without_any_value() -> None:
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CRASH, cwd=root, stdout=-1, stderr=-1,
        env={**os.environ, "COLUMNS": "300"},
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 30)
    said = (out + err).decode()
    assert process.returncode == 1
    assert "CANARY" not in said
    assert "seqconsole: internal error: ValueError at" in said
    assert "Traceback" not in said


async def test_a_wide_terminal_says_by_when_a_sequence_is_sent(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(160, 50)) as pilot:
        await started(pilot)
        await pilot.press("2")
        await until(pilot, lambda: "Sent by" in screen_text(console))
        lines = screen_text(console).splitlines()
        assert any("Renewal 2026" in line and "never" in line for line in lines)
        assert any(
            "Welcome" in line and f"{NOW + timedelta(hours=5):%d %b %H:%M}" in line
            for line in lines
        )


async def test_what_nobody_can_claim_is_an_alarm(scene: Scene) -> None:
    scene.source.facts.update(unclaimable=2)
    console = scene.console()
    async with console.run_test(size=(160, 50)) as pilot:
        await started(pilot)
        assert "▲ due, claimable by nobody: 2" in screen_text(console).splitlines()[0]
