"""What each key shows: levels, views, lists, the palette and the help."""

from __future__ import annotations

import pytest

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
from seqconsole.screens.texts import TextsScreen
from seqconsole.widgets.confirm import Confirm
from tests.console.fakes import Scene, screen_text, started, toasts, until
from tests.console.figures import device, group

pytestmark = pytest.mark.anyio
SIZE = (80, 24)


async def test_enter_opens_and_escape_goes_back_through_all_levels(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(120, 36)) as pilot:
        await pilot.press("2", "G", "enter")
        await until(pilot, lambda: isinstance(console.screen, StepsScreen))
        await pilot.press("T")
        await until(pilot, lambda: isinstance(console.screen, TextsScreen) and console.screen.ready)
        assert "Hi Aqil" in screen_text(console)
        await pilot.press("j")
        await until(pilot, lambda: "not sent: {nama} is no column" in screen_text(console))
        await pilot.press("escape", "enter")
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


async def test_enter_shows_an_operation_in_full_with_the_rows_that_it_changed(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("6", "enter", "G")
        await until(pilot, lambda: "status failed -> pending" in screen_text(console))
        assert "Why: SIM swap" in screen_text(console)
        assert "added: until infinity" in screen_text(console)
        assert "60123450000" not in screen_text(console)
        await pilot.press("x", "y")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done == [("undo", 41)]


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
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: scene.verbs.done)
        assert scene.verbs.done == [("undo", 41)]


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
