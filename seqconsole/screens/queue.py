"""4 Queue: the messages, those in doubt first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.operations.repair_facts import Selection
from seqconsole.filtering import Filter
from seqconsole.readings import AnyReading, ReadMessages, Subject
from seqconsole.screens.in_full import InFull
from seqconsole.screens.message_rows import COLUMNS, MessageRow, message_fields, message_rows, why
from seqconsole.screens.repair_keys import RetryMatching
from seqconsole.screens.story import StoryScreen
from seqconsole.selecting import device_in, phone_in, state_in
from seqconsole.state import Snapshot
from seqconsole.text import short_count
from seqconsole.widgets.columns import Column
from seqconsole.widgets.filter_bar import FilterBar

_STATES: Final = frozenset({"pending", "sending", "sent", "failed", "unknown", "skipped", "other"})


class QueueScreen(RetryMatching):
    """The queue; a filter `state:sent` asks the database for that state."""

    VIEW = "4"
    NAME = "Queue"
    KEEPS_FILTER = True
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = COLUMNS
    NOUN = "messages"
    EMPTY = "Nothing is queued."
    SORT = "state"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "bulk", "Retry all failed"),
        Binding("e", "explain", "Explain"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked = ReadMessages()

    def readings(self) -> Sequence[AnyReading]:
        """Messages of all open states, or of the one that the filter names."""
        return (self._asked,)

    def key(self, row: MessageRow) -> UUID:
        """A message's id."""
        return row.view.id

    def rows(self, snapshot: Snapshot) -> Sequence[MessageRow] | None:
        """The messages."""
        found = snapshot.rows_of(self._asked)
        return None if found is None else message_rows(found, snapshot.now, self.console.wide)

    def fields(self, row: MessageRow) -> Mapping[str, str]:
        """What a filter searches."""
        return message_fields(row)

    def note(self) -> str:
        """How many there are in all, by state."""
        snapshot = self.console.snapshot
        if snapshot is None:
            return ""
        view = snapshot.overview
        return (
            f"{short_count(view.due)} due · {short_count(view.pending)} pending · "
            f"{view.sending} sending · {view.unknown} unknown · {short_count(view.failed)} failed"
        )

    def compose_foot(self) -> ComposeResult:
        """The message under the cursor, with the whole of its reason."""
        yield InFull()

    def moved(self) -> None:
        """Another message in full."""
        row = self.row
        told = (row.view.device_name or "", row.phone, row.view.name or "", why(row)) if row else ()
        self.query_one(InFull).say(*told)

    def shown(self, snapshot: Snapshot) -> None:
        """A filter from before the first data, or a device that came: ask as it means now."""
        self.filtered(self.query_one(FilterBar).chosen)
        self.moved()

    def filtered(self, chosen: Filter) -> None:
        """A state, a device, a phone are asked of the database, so that it finds all of them."""
        figures = self.console.snapshot.figures if self.console.snapshot else None
        asked = ReadMessages(
            state_in(chosen, _STATES),
            device_in(chosen, figures) if figures else None,
            phone=phone_in(chosen),
        )
        if asked != self._asked:
            self._asked = asked
            self.console.poke()

    def why_not(self, action: str) -> str:
        """What needs a message."""
        if action in {"explain", "copy"} and self.row is None:
            return "no message under the cursor"
        return ""

    def open_row(self, row: MessageRow) -> None:
        """The whole story of the person; of a campaign, which no step leads on from, its gates."""
        if row.view.phone_key is None:
            self.console.say("This phone can not be one: there is nothing to follow.", bad=True)
        elif row.view.sequence_name is None and row.view.day_number is None:
            self.action_explain()
        else:
            step = (row.view.sequence_name, row.view.day_number)
            self.console.push_screen(StoryScreen(row.view.phone_key, step=step))

    def copied(self) -> str:
        """The message's id."""
        return str(self.row.view.id) if self.row else ""

    def action_bulk(self) -> None:
        """Retry all that failed and matches, also what is not listed."""
        self.retry_matching(Selection())

    def action_explain(self) -> None:
        """Why this message is not being sent."""
        if self.row is not None:
            name = self.row.view.name or self.row.phone
            self.console.explain(Subject.MESSAGE, self.row.view.id, f"message to {name}")
