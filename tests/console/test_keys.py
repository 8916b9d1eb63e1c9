"""What each key does, from launch: the operations it calls and the lines it answers with."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from textual import events
from textual.widgets import Input

from engine.operations.model import Scope
from seqconsole.screens.devices import DevicesScreen
from seqconsole.screens.story import StoryScreen
from seqconsole.widgets.confirm import Confirm
from tests.console.fakes import Scene, screen_text, started, toasts, until
from tests.console.figures import NOW, device, group, uid

pytestmark = pytest.mark.anyio
SIZE = (80, 24)


async def test_p_pauses_the_first_device_at_once_and_says_what_is_in_flight(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: scene.verbs.done)
        [(verb, target)] = scene.verbs.done
        assert (verb, target.scope, target.names) == ("pause", Scope.DEVICE, ("Seremban 13",))
        assert target.keys == (str(uid(1013)),)
        await until(pilot, lambda: toasts(console))
        assert toasts(console) == [
            "Paused device Seremban 13; 1 in flight on Penang 00, done by 10:43:37 · z undoes"
        ]


async def test_c_reconnects_and_says_what_came_of_it(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: len(console.said) > 1)
        [(verb, target)] = scene.verbs.done
        assert (verb, target.names) == ("reconnect", ("Seremban 13",))
        assert list(console.said) == [
            "Reconnecting Seremban 13…",
            "Reconnected device Kuching 04: connected",
        ]


async def test_capital_p_asks_and_y_pauses_everything(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("P", "y")
        await until(pilot, lambda: scene.verbs.done)
        [(verb, target)] = scene.verbs.done
        assert (verb, target.scope) == ("pause", Scope.ALL)


async def test_n_and_escape_and_enter_on_no_change_nothing(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        for key in ("n", "escape", "enter"):
            await pilot.press("P")
            await until(pilot, lambda: isinstance(console.screen, Confirm))
            await pilot.press(key)
            await until(pilot, lambda: isinstance(console.screen, DevicesScreen))
        await pilot.press("z")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        assert console.screen.question == "Undo operation 41?"
        await pilot.press("y")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done == [("undo", 41)]


async def test_3_x_y_resolves_the_first_group_and_z_takes_it_back(scene: Scene) -> None:
    first = group(0)[0].key
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("3", "x", "y", "z")
        await until(pilot, lambda: len(scene.verbs.done) == 2)
        assert scene.verbs.done == [("resolve", ((first,), None)), ("undo", 1)]


async def test_keys_pressed_before_the_first_data_wait_for_it(scene: Scene) -> None:
    scene.source.gate = asyncio.Event()
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("j", "p", "3", "x", "y")
        assert (scene.verbs.done, console.waiting_keys) == ([], 5)
        scene.source.gate.set()
        await until(pilot, lambda: len(scene.verbs.done) == 2)
        [(_, target), (verb, _)] = scene.verbs.done
        assert (target.names, verb) == (("Miri 07",), "resolve")


async def test_keys_behind_a_question_wait_until_it_is_there(scene: Scene) -> None:
    scene.verbs.slow = asyncio.Event()
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("P", "y")
        assert not isinstance(console.screen, Confirm)
        scene.verbs.slow.set()
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done[0][1].scope is Scope.ALL


async def test_a_named_device_is_paused_by_slash_name_enter_p(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("slash", *"kuching", "space", *"11", "enter", "p")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done[0][1].names == ("Kuching 11",)
        assert not isinstance(console.focused, Input)


async def test_a_filter_typed_as_fast_as_a_paste_gives_the_keys_back_to_the_rows(
    scene: Scene,
) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        for key in ("slash", *"kuc", "enter"):
            console.post_message(events.Key(key, "/" if key == "slash" else key))
        await until(pilot, lambda: "/kuc" in screen_text(console))
        await pilot.pause()
        assert not isinstance(console.focused, Input)
        await pilot.press("p")
        await until(pilot, lambda: scene.verbs.done)


async def test_verbs_typed_into_the_filter_are_only_text(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("slash", "P", "z", "p", "y", "q", "backspace", "escape")
        await until(pilot, lambda: not isinstance(console.focused, Input))
        await pilot.press("j")
        assert scene.verbs.done == []
        assert isinstance(console.screen, DevicesScreen)
        assert len(console.screen.grid.shown_rows) == 24


async def test_marked_rows_are_acted_on_together_and_the_target_is_pinned(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("space", "space", "j", "p")
        await until(pilot, lambda: scene.verbs.done)
        assert set(scene.verbs.done[0][1].names) == {"Seremban 13", "Miri 07"}


async def test_ctrl_d_pauses_all_that_match_and_says_how_many(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("slash", *"state:ready", "enter", "ctrl+d")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        assert console.screen.question == "Pause 6 devices?"
        await pilot.press("y")
        await until(pilot, lambda: scene.verbs.done)
        assert len(scene.verbs.done[0][1].keys) == 6


async def test_ctrl_d_on_duplicates_resolves_all_and_names_the_refused(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("3", "ctrl+d")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        assert console.screen.question == "Resolve 4 duplicate groups?"
        assert console.screen.lines[-1].startswith("refused: Nurul 2")
        await pilot.press("y")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done == [("resolve", (None, None))]


async def test_a_filtered_bulk_resolve_touches_only_what_matches(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("3", "slash", *"siti", "enter", "ctrl+d", "y")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done == [("resolve", ((group(1)[0].key,), None))]


async def test_rows_stand_still_under_a_question_and_move_after_it(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        screen = console.screen
        assert isinstance(screen, DevicesScreen)
        await pilot.press("P")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        before = [row.view.id for row in screen.grid.shown_rows]
        scene.source.devices = [
            replace(each, pending=999 - i) for i, each in enumerate(scene.source.devices)
        ]
        reads = scene.source.reads
        await until(pilot, lambda: scene.source.reads > reads + 2)
        assert [row.view.id for row in screen.grid.shown_rows] == before
        assert screen.grid.shown_rows[0].view.pending != 447
        await pilot.press("n")
        await until(pilot, lambda: [row.view.id for row in screen.grid.shown_rows] != before)


async def test_r_asks_only_when_many_would_go_out_and_counts_down(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("r")
        await until(pilot, lambda: scene.verbs.done)
        await until(pilot, lambda: "z takes it back" in screen_text(console))
        assert "In 10s: 3 messages may go out · z takes it back · resumed" in screen_text(console)
        scene.verbs.resume_lets_out = 900
        await pilot.press("r")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        await pilot.press("n", "z")
        await until(pilot, lambda: len(scene.verbs.done) == 2)
        await until(pilot, lambda: "z takes it back" not in screen_text(console))


async def test_the_countdown_ends_by_itself(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "z takes it back" in screen_text(console))
        scene.clock.now += 11
        scene.source.facts["now"] = NOW.replace(second=18)
        await until(pilot, lambda: "z takes it back" not in screen_text(console))


async def test_e_switches_the_engine_by_a_question_with_a_preview(scene: Scene) -> None:
    scene.source.facts["engine_on"] = False
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        assert "◆ off" in screen_text(console)
        await pilot.press("E", "y")
        await until(pilot, lambda: scene.verbs.done)
        scene.source.facts["engine_on"] = True
        await until(pilot, lambda: "◆ on" in screen_text(console))
        await pilot.press("E", "y")
        await until(pilot, lambda: len(scene.verbs.done) == 2)
        assert [verb for verb, _ in scene.verbs.done] == ["engine on", "engine off"]


async def test_an_engine_that_may_not_run_says_why(scene: Scene) -> None:
    scene.source.facts["engine_on"] = False
    scene.verbs.refuse = "no gateway is configured, so nothing could be sent"
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("E")
        await until(pilot, lambda: toasts(console))
        assert toasts(console) == [f"The engine stays off: {scene.verbs.refuse}"]


async def test_a_refused_operation_is_one_line(scene: Scene) -> None:
    scene.verbs.refuse = "row 812 changed since the preview; look again"
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: toasts(console))
        assert toasts(console) == [scene.verbs.refuse]


async def test_keys_typed_ahead_of_a_screen_that_is_not_built_yet_wait_for_it(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        for key in ("e", "escape", "enter", "escape"):  # as one read of the terminal brings them
            console.post_message(events.Key(key, None))
        await until(pilot, lambda: not console.waiting_keys and not console.must_wait())
        assert type(console.screen) is DevicesScreen
        for key in ("2", "G", "enter", "enter", "enter"):
            console.post_message(events.Key(key, None))
        await until(pilot, lambda: type(console.screen) is StoryScreen)


async def test_what_is_copied_is_harmless(scene: Scene) -> None:
    scene.source.devices = [device(0, name="x\x1b]0;t\x07\n" + "é" * 100_000)]
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("y")
        await until(pilot, lambda: toasts(console))
        assert console.clipboard.startswith("x\\x1b]0;t\\x07\\né")
        assert len(console.clipboard) == 200
