"""The views of the console: the list that each opens with, and the keys that hold in all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.binding import Binding, BindingType
from textual.screen import Screen

from seqconsole.screens.devices import DevicesScreen
from seqconsole.screens.duplicates import DuplicatesScreen
from seqconsole.screens.health import HealthScreen
from seqconsole.screens.journal import JournalScreen
from seqconsole.screens.queue import QueueScreen
from seqconsole.screens.sequences import SequencesScreen
from seqconsole.widgets.view_tabs import VIEWS

LISTS: dict[str, str | Callable[[], Screen[Any]]] = {
    "1": DevicesScreen,
    "2": SequencesScreen,
    "3": DuplicatesScreen,
    "4": QueueScreen,
    "5": HealthScreen,
    "6": JournalScreen,
}
"""The list of each view, by the key of the view."""

EVERYWHERE: list[BindingType] = [
    *(Binding(view.key, f"view('{view.key}')", view.name, show=False) for view in VIEWS),
    Binding("0", "since", "Since you left", show=False),
    Binding("left_square_bracket", "next_view(-1)", "View before", show=False),
    Binding("right_square_bracket", "next_view(1)", "Next view", show=False),
    Binding("P", "pause_all", "Pause all"),
    Binding("R", "resume_all", "Resume all", show=False),
    Binding("z", "undo", "Undo my last"),
    Binding("E", "engine", "Engine on or off", show=False),
    Binding("ctrl+n", "note", "A note for the next shift", show=False),
    Binding("f", "freeze", "Freeze the screen", show=False),
    Binding("w", "wide", "Phones in full", show=False),
    Binding("ctrl+r", "refresh", "Read again", show=False),
    Binding("colon", "command_palette", "All actions", show=False),
    Binding("q", "leave", "Quit", show=False),
    Binding("ctrl+q", "leave_now", "Quit at once", show=False),
    Binding("question_mark,f1", "help", "Help"),
]
"""The keys of the console itself."""

WRITING = frozenset({"pause_all", "resume_all", "engine", "undo", "note"})
"""Those of its actions that change something."""
