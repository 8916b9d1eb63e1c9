"""The contact rows of a step; enter shows one person's whole story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from seqconsole.filtering import Filter
from seqconsole.readings import AnyReading, ReadContacts, Subject
from seqconsole.screens.contact_rows import (
    COLUMNS,
    ContactRow,
    contact_fields,
    contact_rows,
    people,
)
from seqconsole.screens.panel import Panel
from seqconsole.screens.repair_keys import RepairableRows
from seqconsole.screens.story import StoryScreen
from seqconsole.screens.texts import TextsScreen
from seqconsole.selecting import phone_in, state_in
from seqconsole.state import Snapshot
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

PAGE: Final = 500
MOST: Final = 5000
_NEAR_THE_END: Final = 50
_STATES: Final = frozenset({"pending", "active", "completed", "failed", "skipped", "other"})


class ContactsScreen(RepairableRows[ContactRow]):
    """Contact rows, 500 at first; more are read when the cursor comes near the end."""

    VIEW = "2"
    NAME = "Contacts"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = COLUMNS
    NOUN = "contact rows"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("r", "resume", "Resume"),
        Binding("e", "explain", "Explain"),
        Binding("T", "texts", "Texts as sent", show=False),
    ]

    def __init__(self, sequence_id: UUID, step_id: UUID, title: str) -> None:
        super().__init__()
        self._title = title
        self._asked = ReadContacts(sequence_id, step_id, None, PAGE)
        self._answered: ReadContacts | None = None

    def readings(self) -> Sequence[AnyReading]:
        """The rows of the step, of the state that the filter names."""
        return (self._asked,)

    def compose_head(self) -> ComposeResult:
        """Which step."""
        yield Panel()

    def key(self, row: ContactRow) -> UUID:
        """A contact row's id."""
        return row.view.id

    def rows(self, snapshot: Snapshot) -> Sequence[ContactRow] | None:
        """The rows read so far."""
        found = snapshot.rows_of(self._asked)
        if found is None:
            return None
        self._answered = self._asked
        return contact_rows(found, snapshot.now, self.console.wide)

    def shown(self, snapshot: Snapshot) -> None:
        """Which step, above the rows."""
        self.query_one(Panel).show([[(self._title, Tone.STRONG)]])

    def fields(self, row: ContactRow) -> Mapping[str, str]:
        """What a filter searches."""
        return contact_fields(row)

    def note(self) -> str:
        """Whether there are more rows than these."""
        if self.grid.total < self._asked.limit:
            return ""
        end = "filter by state: to see others" if self._asked.limit >= MOST else "more at the end"
        return f"the first {self.grid.total} by phone, {end}"

    def filtered(self, chosen: Filter) -> None:
        """A state and a phone are asked of the database, so that it finds all of them."""
        state, phone = state_in(chosen, _STATES), phone_in(chosen)
        if (state, phone) != (self._asked.state, self._asked.phone):
            self._asked = replace(self._asked, state=state, phone=phone, limit=PAGE)
            self.console.poke()

    def moved(self) -> None:
        """Near the end: read more."""
        last = self.grid.total >= self._asked.limit and self._answered == self._asked
        rows = self.grid.shown_rows
        near = rows and self.row is not None and self.row in rows[-_NEAR_THE_END:]
        if last and near and self._asked.limit < MOST:
            self._asked = replace(self._asked, limit=self._asked.limit + PAGE)
            self.console.poke()

    def why_not(self, action: str) -> str:
        """What needs a row, and a phone."""
        if action in {"pause", "resume", "explain", "copy", "texts"} and not self.has_chosen:
            return "no contact under the cursor"
        return ""

    def open_row(self, row: ContactRow) -> None:
        """The person's whole story."""
        if row.view.phone_key is None:
            self.console.say(
                "This row's phone can not be one: there is nothing to follow.", bad=True
            )
            return
        self.console.push_screen(StoryScreen(row.view.phone_key, row.view.id))

    def copied(self) -> str:
        """The row's id."""
        return str(self.row.view.id) if self.row else ""

    def action_pause(self) -> None:
        """Pause the persons of the marked rows, else of the one under the cursor."""
        target = people(self.chosen_rows())
        if target.keys:
            self.console.actions.pause(target)
        else:
            self.console.say("A row without a usable phone is never sent: nothing to pause.")

    def action_resume(self) -> None:
        """Resume them."""
        target = people(self.chosen_rows())
        if target.keys:
            self.console.actions.resume(target)

    def action_explain(self) -> None:
        """Why this row is not being sent."""
        if self.row is not None:
            name = self.row.view.name or self.row.phone
            self.console.explain(Subject.CONTACT, self.row.view.id, name)

    def action_texts(self) -> None:
        """What the person under the cursor is sent."""
        if self.row is not None:
            name = self.row.view.name or self.row.phone
            self.console.push_screen(
                TextsScreen(
                    self._asked.sequence_id, self.row.view.phone_key, f"{self._title} · {name}"
                )
            )
