"""Every key of every screen, on full and on empty data: it does something that is seen, or says why not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from engine.operations.resolve_preview import GroupPreview
from engine.reader import GateView, Snapshot
from engine.rendering import Rendered
from engine.views import ContactRowView, DeviceView, DuplicateView, MessageView, OperationView
from seqconsole.app import Console
from seqconsole.readings import Subject
from seqconsole.screens.base import BaseScreen
from seqconsole.screens.contacts import ContactsScreen
from seqconsole.screens.device import DeviceScreen
from seqconsole.screens.device_journal import DeviceJournalScreen
from seqconsole.screens.duplicate_group import GroupScreen
from seqconsole.screens.explain import ExplainScreen
from seqconsole.screens.lost_device import LostDeviceScreen
from seqconsole.screens.operation import OperationScreen
from seqconsole.screens.steps import StepsScreen
from seqconsole.screens.story import StoryScreen
from seqconsole.screens.texts import TextsScreen
from seqconsole.widgets.grid import Grid
from seqconsole.widgets.key_line import LiveKey, live_keys
from tests.console.fakes import FakeSource, Scene, screen_text, until
from tests.console.figures import JOURNAL, SEQUENCES, contact, device, group

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SIZE = (80, 24)
LEAVES = ("leave", "leave_now")
MOVES = ("cursor", "edge", "page")
"""At the end of a list these keys are silent, as everywhere."""

INNER: Mapping[str, tuple[str, Callable[[], BaseScreen]]] = {
    "device": ("1", lambda: DeviceScreen(device(0).id)),
    "its journal": ("1", lambda: DeviceJournalScreen(device(0).id, "Penang")),
    "lost device": ("1", lambda: LostDeviceScreen(device(0).id)),
    "steps": ("2", lambda: StepsScreen(SEQUENCES[-1].id)),
    "contacts": ("2", lambda: ContactsScreen(SEQUENCES[-1].id, SEQUENCES[-1].id, "A step")),
    "contact": ("2", lambda: StoryScreen(contact(0).phone_key or "")),
    "texts": ("2", lambda: TextsScreen(SEQUENCES[-1].id, None, "Welcome")),
    "group": ("3", lambda: GroupScreen(group(0)[0].key)),
    "operation": ("6", lambda: OperationScreen("6", JOURNAL[0])),
    "explain": ("4", lambda: ExplainScreen("4", Subject.CONTACT, contact(0).id, "Aqil")),
}


@dataclass
class EmptySource(FakeSource):
    """A database in which there is nothing yet."""

    devices: list[DeviceView] = field(default_factory=list)
    groups_there: list[tuple[DuplicateView, GroupPreview]] = field(default_factory=list)
    contacts_there: int = 0

    async def snapshot(self) -> Snapshot:
        found = await super().snapshot()
        return Snapshot(found.overview, (), (), (), (), ())

    async def contact_story(self, phone_key: str) -> Sequence[ContactRowView]:
        return []

    async def messages(
        self, state: str | None, device_id: UUID | None, limit: int, phone: str | None = None
    ) -> Sequence[MessageView]:
        return []

    async def journal(self, limit: int) -> Sequence[OperationView]:
        return []

    async def texts(self, sequence_id: UUID, phone_key: str | None) -> Sequence[Rendered]:
        return []

    async def device_journal(self, device_id: UUID, limit: int) -> Sequence[OperationView]:
        return []

    async def gates(self, subject: Subject, id: UUID) -> Sequence[GateView]:
        return []


def seen(console: Console) -> tuple[Any, ...]:
    """All that an operator could notice."""
    return (
        len(console.said),
        [type(screen) for screen in console.screen_stack],
        console.current_mode,
        console.clipboard,
        console.wide,
        screen_text(console),
    )


async def stand_on(pilot: Pilot[Any], console: Console, view: str, name: str) -> None:
    """The screen `name`, freshly opened; '' is the view's own list."""
    console.drop_filter()
    while len(console.screen_stack) > 1:
        await console.pop_screen()
    await console.show_view(view)
    if name:
        await console.push_screen(INNER[name][1]())
    await until(pilot, lambda: console.top is not None and console.top.ready)
    console.clear_notifications()
    await pilot.pause()


def keys_of(console: Console, *, everywhere: bool) -> list[LiveKey]:
    """The screen's own keys, and where asked those of the grid and of the console."""
    screen = console.screen
    return [
        key for key in live_keys(screen)
        if key.action.split("(")[0] not in LEAVES
        and (everywhere or not isinstance(key.node, Grid | Console))
    ]  # fmt: skip


async def silent_keys(
    pilot: Pilot[Any], console: Console, view: str, name: str, *, everywhere: bool
) -> list[str]:
    """The keys of a screen after which nothing is to be seen."""
    silent: list[str] = []
    await stand_on(pilot, console, view, name)
    stack = list(console.screen_stack)
    for key in keys_of(console, everywhere=everywhere):
        if isinstance(console.focused, Input) or console.screen_stack != stack:
            await stand_on(pilot, console, view, name)
            stack = list(console.screen_stack)
        before, pressed = seen(console), len(console.said)
        console.post_message(events.Key(_textual_name(console, key), None))
        for _ in range(10):
            if seen(console) != before or len(console.said) != pressed:
                break
            await pilot.pause(0.01)
        else:
            if key.action.split("(")[0] not in MOVES:
                silent.append(f"{key.label}: {key.description}")
        if isinstance(console.screen, ModalScreen):
            console.post_message(events.Key("escape", None))
        await until(pilot, lambda: not isinstance(console.screen, ModalScreen))
    return silent


def _textual_name(console: Console, key: LiveKey) -> str:
    bindings = console.screen.active_bindings
    found = [name for name, bound in bindings.items() if bound.binding.action == key.action]
    assert found, f"{key.label} ({key.description}) holds no longer on {console.screen}"
    return found[0]


@pytest.mark.parametrize("source", [FakeSource, EmptySource], ids=["full", "empty"])
async def test_every_key_does_something_or_says_why_not(
    source: type[FakeSource], tmp_path: Path
) -> None:
    scene = Scene(source())
    console = scene.console(exports=tmp_path)
    console.said = deque()  # all of them: the console keeps the last hundred
    silent: dict[str, list[str]] = {}
    async with console.run_test(size=SIZE) as pilot:
        for view in "123456":
            found = await silent_keys(pilot, console, view, "", everywhere=view == "1")
            silent[view] = found
        for name, (view, _) in INNER.items():
            silent[name] = await silent_keys(pilot, console, view, name, everywhere=False)
    found_silent = [f"{where}: {key}" for where, keys in silent.items() for key in keys]
    assert not found_silent, "\n".join(found_silent)
