"""One person's whole story: the rows of all sequences, and why the chosen one is not sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from seqconsole.readings import AnyReading, ReadGates, ReadStory, Subject
from seqconsole.screens.contact_rows import (
    COLUMNS,
    ContactRow,
    contact_fields,
    contact_rows,
    people,
)
from seqconsole.screens.explain import done_with, gate_lines
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.repair_keys import RepairableRows
from seqconsole.state import Snapshot
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone


def story_columns() -> tuple[Column[ContactRow], ...]:
    """The sequence first: who it is stands above the rows."""
    first = [replace(each, from_width=0, priority=0) for each in COLUMNS if each.key == "sequence"]
    name = [replace(each, from_width=120, priority=8) for each in COLUMNS if each.key == "contact"]
    rest = [each for each in COLUMNS if each.key not in {"sequence", "contact", "phone"}]
    return (*first, *rest, *name)


class StoryScreen(RepairableRows[ContactRow]):
    """All rows of one person, in the order they are lived through."""

    VIEW = "2"
    NAME = "Contact"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = story_columns()
    NOUN = "contact rows"
    DEFAULT_CSS = """
    StoryScreen #gates { border-top: solid $panel-lighten-1; height: auto; max-height: 60%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause"),
        Binding("r", "resume", "Resume"),
        Binding("e", "explain", "Explain"),
    ]

    def __init__(
        self,
        phone_key: str,
        row_id: UUID | None = None,
        step: tuple[str | None, int | None] | None = None,
    ) -> None:
        """The cursor begins on the row, on that of the step (sequence, day), else on what comes next."""
        super().__init__()
        self._phone_key = phone_key
        self._first = row_id
        self._step = step
        self._placed = False

    def readings(self) -> Sequence[AnyReading]:
        """The story, and the gates of the row under the cursor."""
        story: list[AnyReading] = [ReadStory(self._phone_key)]
        if self.row is not None:
            story.append(ReadGates(Subject.CONTACT, self.row.view.id))
        return story

    def failure(self, snapshot: Snapshot) -> str:
        """Only the story's own failure belongs to the rows."""
        return snapshot.failures.get(ReadStory(self._phone_key), "")

    def compose_head(self) -> ComposeResult:
        """Who it is."""
        yield Panel(id="who")

    def compose_foot(self) -> ComposeResult:
        """The gates of the row under the cursor."""
        yield Panel(id="gates")

    def key(self, row: ContactRow) -> UUID:
        """A contact row's id."""
        return row.view.id

    def rows(self, snapshot: Snapshot) -> Sequence[ContactRow] | None:
        """The person's rows."""
        found = snapshot.rows_of(ReadStory(self._phone_key))
        return None if found is None else contact_rows(found, snapshot.now, self.console.wide)

    def shown(self, snapshot: Snapshot) -> None:
        """Who it is, and the gates."""
        if not self._placed and self.grid.total:
            self._placed = True
            first = self._begins_on()
            if first is not None and first != self.grid.cursor_key:
                self.grid.move_to(first)
                self.console.poke()
        rows = self.grid.shown_rows
        names = list(dict.fromkeys(row.view.name for row in rows if row.view.name))
        lanes = list(dict.fromkeys(row.view.sequence_name or "—" for row in rows))
        phone = rows[0].phone if rows else ""
        self.query_one("#who", Panel).show(
            [
                [(" / ".join(names[:3]) or "no name", Tone.STRONG), (f"  {phone}", Tone.MUTED)],
                [("Sequences: ", Tone.MUTED), (", ".join(lanes), Tone.PLAIN)],
            ]
        )
        self.query_one("#gates", Panel).show(self._gates(snapshot))

    def _begins_on(self) -> UUID | None:
        views = [row.view for row in self.grid.shown_rows]
        of_step = (each.id for each in views if (each.sequence_name, each.day_number) == self._step)
        to_come = (each.id for each in views if each.status not in {"completed", "skipped"})
        return self._first or next(of_step, None) or next(to_come, None)

    def _gates(self, snapshot: Snapshot) -> list[PanelLine]:
        if self.row is None:
            return []
        reading = ReadGates(Subject.CONTACT, self.row.view.id)
        head: PanelLine = [
            (f"Step {self.row.view.day_number or '—'} of {self.row.view.sequence_name or '—'}: ",
             Tone.STRONG),
            ("between this row and its next send", Tone.MUTED),
        ]  # fmt: skip
        found = snapshot.rows_of(reading)
        if found is None:
            return [head, [(snapshot.failures.get(reading, "Loading gates…"), Tone.MUTED)]]
        if done := done_with(found):
            return [[head[0], (done, Tone.OK)], [("e lists its gates", Tone.MUTED)]]
        closed = [gate for gate in found if gate.passes is not True]
        rest = f"{len(found) - len(closed)} of {len(found)} gates are open · e lists all"
        return [head, *gate_lines(closed, snapshot.now), [(rest, Tone.MUTED)]]

    def moved(self) -> None:
        """Other gates belong to the row under the cursor now."""
        self.console.poke_soon()

    def fields(self, row: ContactRow) -> Mapping[str, str]:
        """What a filter searches."""
        return contact_fields(row)

    def why_not(self, action: str) -> str:
        """What needs a row."""
        if action in {"pause", "resume", "explain", "copy"} and self.row is None:
            return "no contact under the cursor"
        return ""

    def copied(self) -> str:
        """The row's id."""
        return str(self.row.view.id) if self.row else ""

    def action_pause(self) -> None:
        """Pause this person in all sequences."""
        self.console.actions.pause(people(self.grid.shown_rows))

    def action_resume(self) -> None:
        """Resume this person."""
        self.console.actions.resume(people(self.grid.shown_rows))

    def action_explain(self) -> None:
        """The gates of the row, on a screen of their own."""
        if self.row is not None:
            name = self.row.view.name or self.row.phone
            self.console.explain(Subject.CONTACT, self.row.view.id, name)
