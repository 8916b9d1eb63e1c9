"""What each key does, from launch: the operations it calls and the lines it answers with."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from textual.widgets import Input

from engine.operations.model import Scope
from engine.views import DeviceCondition
from seqconsole.screens.contacts import ContactsScreen
from seqconsole.screens.device import DeviceScreen
from seqconsole.screens.devices import DevicesScreen
from seqconsole.screens.duplicate_group import GroupScreen
from seqconsole.screens.duplicates import DuplicatesScreen
from seqconsole.screens.explain import ExplainScreen
from seqconsole.screens.journal import JournalScreen
from seqconsole.screens.steps import StepsScreen
from seqconsole.screens.story import StoryScreen
from seqconsole.widgets.confirm import Confirm
from tests.console.fakes import NOW, Scene, device, group, screen_text, started, toasts, uid, until

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
        await until(pilot, lambda: scene.verbs.done)
        assert [verb for verb, _ in scene.verbs.done] == ["undo"]


async def test_3_x_y_resolves_the_first_group_and_z_takes_it_back(scene: Scene) -> None:
    first = group(0)[0].key
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("3", "x", "y", "z")
        await until(pilot, lambda: len(scene.verbs.done) == 2)
        assert scene.verbs.done == [("resolve", ((first,), None)), ("undo", None)]


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
        assert "In 10s: resumed device Kuching 04" in screen_text(console)
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


async def test_enter_opens_and_escape_goes_back_through_all_levels(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await pilot.press("2", "G", "enter")
        await until(pilot, lambda: isinstance(console.screen, StepsScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(console.screen, ContactsScreen))
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(console.screen, StoryScreen) and console.screen.ready)
        await until(
            pilot, lambda: "held" in screen_text(console) or "closed" in screen_text(console)
        )
        await pilot.press("e")
        await until(
            pilot, lambda: isinstance(console.screen, ExplainScreen) and console.screen.ready
        )
        await until(pilot, lambda: "held by duplicate, due time" in screen_text(console))
        await pilot.press("escape", "escape", "escape", "escape", "escape")
        await until(pilot, lambda: len(console.screen_stack) == 1)
        await pilot.press("1", "enter")
        await until(
            pilot, lambda: isinstance(console.screen, DeviceScreen) and console.screen.ready
        )
        await pilot.press("p")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done[0][1].names == ("Seremban 13",)


async def test_a_person_is_paused_by_phone_key_from_the_contacts(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("2", "G", "enter", "enter", "p")
        await until(pilot, lambda: scene.verbs.done)
        target = scene.verbs.done[0][1]
        assert (target.scope, target.keys) == (Scope.CONTACT, ("60123450000",))


async def test_a_state_in_the_filter_is_asked_of_the_database(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("2", "G", "enter", "enter", "slash", *"state:failed", "enter")
        await until(pilot, lambda: "contacts failed 500" in scene.source.asked)
        screen = console.screen
        assert isinstance(screen, ContactsScreen)
        await until(pilot, lambda: screen.grid.total == 15)
        await pilot.press("4", "slash", *"state:unknown", "enter")
        await until(pilot, lambda: "messages unknown" in scene.source.asked)


async def test_more_contacts_are_read_at_the_end_of_the_list(scene: Scene) -> None:
    scene.source.contacts_there = 700
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("2", "G", "enter", "enter", "G")
        screen = console.screen
        assert isinstance(screen, ContactsScreen)
        await until(pilot, lambda: screen.grid.total == 700)


async def test_a_group_keeps_the_row_that_the_operator_names(scene: Scene) -> None:
    view, verdict = group(0)
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await pilot.press("3", "enter", "j", "o")
        await until(pilot, lambda: "chosen by the operator" in screen_text(console))
        await pilot.press("x", "y")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done == [("resolve", ((view.key,), {view.key: verdict.rows[1].id}))]
        await until(pilot, lambda: "Siti 2  group 1 of 4" in screen_text(console))


async def test_n_walks_through_the_groups_and_says_where_they_end(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await pilot.press("3", "enter")
        await until(pilot, lambda: isinstance(console.screen, GroupScreen) and console.screen.ready)
        await pilot.press("n", "n", "N")
        await until(pilot, lambda: "group 2 of 5" in screen_text(console))
        await pilot.press("n", "n", "n", "n")
        await until(pilot, lambda: toasts(console) == ["This is the last group."])
        await pilot.press("x")
        await until(pilot, lambda: len(toasts(console)) == 2)
        assert "in flight until 10:43:37" in toasts(console)[1]


async def test_the_journal_undoes_the_operation_under_the_cursor(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("6", "x", "y")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done == [("undo", 41)]
        await pilot.press("j", "j")
        await until(pilot, lambda: isinstance(console.screen, JournalScreen))
        await pilot.press("x")
        await until(pilot, lambda: len(toasts(console)) == 2)
        assert toasts(console)[1] == "Undo this one: operation 39 is undone already"


async def test_views_are_reached_by_number_bracket_and_again(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        seen = []
        for key in ("2", "3", "right_square_bracket", "left_square_bracket", "left_square_bracket"):
            await pilot.press(key)
            await started(pilot)
            seen.append(console.current_mode)
        assert seen == ["2", "3", "4", "3", "2"]
        await pilot.press("3", "enter", "3")
        await until(pilot, lambda: isinstance(console.screen, DuplicatesScreen))


async def test_f_freezes_what_is_shown_and_goes_on(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("f")
        scene.source.devices = scene.source.devices[:3]
        reads = scene.source.reads
        await until(pilot, lambda: scene.source.reads > reads + 2)
        assert "Frozen at 10:41:07" in screen_text(console)
        assert "24 of 24" in screen_text(console)
        await pilot.press("f")
        await until(pilot, lambda: "3 of 3" in screen_text(console))


async def test_phones_are_masked_until_w_and_y_copies(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(130, 36)) as pilot:
        await started(pilot)
        assert "+60***013" in screen_text(console)
        assert "60123450013" not in screen_text(console)
        await pilot.press("w")
        await until(pilot, lambda: "+60123450013" in screen_text(console))
        await pilot.press("y")
        assert console.clipboard == "Seremban 13"
        assert toasts(console) == ["Copied Seremban 13"]


async def test_the_palette_lists_and_runs_the_actions_of_the_screen(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await started(pilot)
        await pilot.press("colon")
        await pilot.press(*"Undo my")
        await until(pilot, lambda: "Undo my last" in screen_text(console))
        await pilot.press("enter")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done == [("undo", None)]


async def test_help_lists_the_live_keys(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(120, 60)) as pilot:
        await started(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Devices: keys" in screen_text(console))
        for words in (
            "Pause all that match",
            "Engine on or off",
            "Freeze the screen",
            "Undo my last",
        ):
            assert words in screen_text(console)


async def test_no_device_at_all_says_why_a_key_does_nothing(scene: Scene) -> None:
    scene.source.devices = []
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: toasts(console))
        assert toasts(console) == ["Pause: no device under the cursor"]
        assert "No devices." in screen_text(console)


async def test_the_side_follows_the_cursor_where_there_is_room(scene: Scene) -> None:
    scene.source.devices = [device(at, condition=DeviceCondition.READY) for at in range(4)]
    console = scene.console()
    async with console.run_test(size=(160, 50)) as pilot:
        await started(pilot)
        await pilot.press("j")
        screen = console.screen
        assert isinstance(screen, DevicesScreen)
        assert screen.row is not None
        name = screen.row.view.name
        await until(pilot, lambda: f"│ {name}" in screen_text(console))
        await until(pilot, lambda: "not on WhatsApp" in screen_text(console))
