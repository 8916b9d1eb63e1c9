"""Why a thing is not being sent: every gate in order, open or closed, and when it opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from textual.app import ComposeResult

from engine.reader import GateView
from seqconsole.readings import AnyReading, ReadGates, Subject
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import clock
from seqconsole.widgets.cells import fit
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone


def verdict_of(gate: GateView) -> tuple[str, Tone]:
    """Whether a gate lets the thing through."""
    if gate.passes is None:
        return "· not yet", Tone.MUTED
    return ("√ open", Tone.OK) if gate.passes else ("× closed", Tone.BAD)


def opens_text(gate: GateView, now: datetime) -> str:
    """When a closed gate opens."""
    if gate.passes is not False:
        return ""
    return clock(gate.opens_at, now) if gate.opens_at else "by an act"


def gate_lines(gates: Sequence[GateView], now: datetime) -> list[PanelLine]:
    """Gates as lines of a panel."""
    lines: list[PanelLine] = []
    for gate in gates:
        word, tone = verdict_of(gate)
        opens = opens_text(gate, now)
        lines.append(
            [
                (fit(word, 10), tone),
                (fit(gate.name, 18), Tone.PLAIN),
                (gate.value, Tone.MUTED if gate.passes is not False else Tone.PLAIN),
                (f"  opens {opens}" if opens else "", Tone.WARN),
            ]
        )
    return lines


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate at its place."""

    place: int
    view: GateView
    opens: str


def done_with(gates: Sequence[GateView]) -> str:
    """What became of a row or a message that needs no gate any more; empty while one may still be sent."""
    state = next((gate for gate in gates if gate.name == "state" and gate.passes is False), None)
    word = state.value.split(",")[0] if state is not None else ""
    says = {
        "completed": "completed: it was sent, nothing more is sent of this step",
        "sent": "sent: nothing more is sent of it",
        "skipped": "skipped: it is not sent, the next step goes on without it",
    }
    return says.get(word, "")


_COLUMNS: tuple[Column[GateRow], ...] = (
    Column("place", "", 2, lambda row: str(row.place + 1), right=True,
           order=lambda row: row.place),
    Column("gate", "Gate", 18, lambda row: row.view.name, priority=1,
           order=lambda row: row.view.name),
    Column("passes", "Now", 10, lambda row: verdict_of(row.view)[0],
           tone=lambda row: verdict_of(row.view)[1], priority=1,
           order=lambda row: verdict_of(row.view)[0]),
    Column("value", "Because", 20, lambda row: row.view.value, flex=True, priority=2,
           order=lambda row: row.view.value),
    Column("opens", "Opens", 14, lambda row: row.opens, priority=2,
           order=lambda row: row.view.opens_at,
           tone=lambda row: Tone.WARN),
)  # fmt: skip


class ExplainScreen(RowsScreen[GateRow]):
    """The gates of a contact row, message, device or sequence."""

    NAME = "Explain"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "gates"
    EMPTY = "It is no longer there."
    SORT = "place"

    def __init__(self, view: str, subject: Subject, id: UUID, title: str) -> None:
        super().__init__()
        self._view = view
        self._reading = ReadGates(subject, id)
        self._title = title

    @property
    def view(self) -> str:
        """It belongs to the view it was asked from."""
        return self._view

    def readings(self) -> Sequence[AnyReading]:
        """The gates."""
        return (self._reading,)

    def compose_head(self) -> ComposeResult:
        """What is explained, and the answer in a sentence."""
        yield Panel()

    def key(self, row: GateRow) -> int:
        """A gate's place."""
        return row.place

    def rows(self, snapshot: Snapshot) -> Sequence[GateRow] | None:
        """The gates in order."""
        found = snapshot.rows_of(self._reading)
        if found is None:
            return None
        return [
            GateRow(place, gate, opens_text(gate, snapshot.now)) for place, gate in enumerate(found)
        ]

    def shown(self, snapshot: Snapshot) -> None:
        """The answer above the gates."""
        closed = [row for row in self._latest if row.view.passes is False]
        done = done_with([row.view for row in self._latest])
        if not self._latest:
            answer = ("", Tone.PLAIN)
        elif done:
            answer = (done, Tone.OK)
        elif closed:
            answer = (f"held by {', '.join(row.view.name for row in closed)}", Tone.BAD)
        else:
            answer = ("every gate is open", Tone.OK)
        head: PanelLine = [
            (f"Why is this {self._reading.subject} not being sent?  ", Tone.MUTED),
            (self._title, Tone.STRONG),
        ]
        self.query_one(Panel).show([head, [answer]])

    def fields(self, row: GateRow) -> Mapping[str, str]:
        """What a filter searches."""
        return {"gate": row.view.name, "state": verdict_of(row.view)[0], "because": row.view.value}

    def copied(self) -> str:
        """The id of what is explained."""
        return str(self._reading.id)
