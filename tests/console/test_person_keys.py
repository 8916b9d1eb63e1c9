"""`ctrl+n` leaves a note, `X` ends what a person gets: what is asked, called and answered."""

from __future__ import annotations

import pytest

from engine.operations.model import Scope
from seqconsole.widgets.confirm import Confirm
from tests.console.fakes import Scene, started, toasts, until

pytestmark = pytest.mark.anyio
SIZE = (80, 24)


async def test_a_note_is_typed_ahead_written_and_never_taken_for_keys(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+n", *"Sim", "space", *"Pz", "enter")
        await until(pilot, lambda: toasts(console))
        assert scene.verbs.done == [("note", "Sim Pz")]
        assert toasts(console) == ["Noted: Sim Pz"]
        await pilot.press("ctrl+n", "x", "escape", "ctrl+n", "space", "enter")
        await until(pilot, lambda: len(toasts(console)) == 2)
        assert toasts(console)[1] == "A note needs some text: nothing was written"
        assert len(scene.verbs.done) == 1


async def test_capital_x_asks_and_sends_nothing_more_to_the_person(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("2", "G", "enter", "enter", "X")
        await until(pilot, lambda: isinstance(console.screen, Confirm))
        assert console.screen.question == "Suppress 1 person, in every sequence?"
        await pilot.press("n", "X", "y")
        await until(pilot, lambda: scene.verbs.done)
        [(verb, target)] = scene.verbs.done
        assert (verb, target.scope, target.keys) == ("suppress", Scope.CONTACT, ("60123450000",))
        await until(pilot, lambda: toasts(console))
        assert toasts(console) == ["Suppressed +60***000 · z undoes"]


async def test_a_read_only_console_says_why_it_writes_no_note(scene: Scene) -> None:
    console = scene.console(read_only=True)
    async with console.run_test(size=SIZE) as pilot:
        await started(pilot)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: toasts(console))
        assert toasts(console) == ["A note for the next shift: this console is read-only"]
