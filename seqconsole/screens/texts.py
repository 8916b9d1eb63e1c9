"""The texts of a sequence as a person gets them, step by step."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from textual.app import ComposeResult

from engine.rendering import Rendered
from seqconsole.readings import AnyReading, ReadTexts
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import NOTHING
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

MOST_LINES = 8
"""Lines of the text under the cursor above the list."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """A step's text at its place."""

    place: int
    view: Rendered

    @property
    def name(self) -> str:
        day = self.view.day_number
        return f"step {NOTHING if day is None else day}"

    @property
    def wait(self) -> str:
        hours = self.view.delay_hours
        return f"{24 if hours is None else hours} h"

    @property
    def said(self) -> str:
        """The text, or why there is none."""
        return self.view.problem or " ".join((self.view.text or "").split())


_COLUMNS: tuple[Column[TextRow], ...] = (
    Column("step", "Step", 8, lambda row: row.name, priority=1, order=lambda row: row.place),
    Column("wait", "Wait", 6, lambda row: row.wait, right=True, priority=3),
    Column("type", "Type", 8, lambda row: row.view.message_type, priority=4),
    Column("text", "Text", 20, lambda row: row.said, flex=True, priority=2,
           tone=lambda row: Tone.BAD if row.view.problem else Tone.PLAIN),
)  # fmt: skip


class TextsScreen(RowsScreen[TextRow]):
    """What one person is sent, or its first contact where none is named."""

    VIEW = "2"
    NAME = "Texts"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "texts"
    EMPTY = "This sequence has no steps, or the contact is no longer in it."
    SORT = "step"

    def __init__(self, sequence_id: UUID, phone_key: str | None, title: str) -> None:
        super().__init__()
        self._reading = ReadTexts(sequence_id, phone_key)
        self._title = title

    def readings(self) -> Sequence[AnyReading]:
        """The texts."""
        return (self._reading,)

    def compose_head(self) -> ComposeResult:
        """For whom, and the text under the cursor in full."""
        yield Panel()

    def key(self, row: TextRow) -> UUID:
        """A step's id."""
        return row.view.step_id

    def rows(self, snapshot: Snapshot) -> Sequence[TextRow] | None:
        """The texts in the order of their steps."""
        found = snapshot.rows_of(self._reading)
        if found is None:
            return None
        return [TextRow(place, each) for place, each in enumerate(found)]

    def shown(self, snapshot: Snapshot) -> None:
        """The text under the cursor above the list."""
        self._draw()

    def moved(self) -> None:
        """Another text."""
        self._draw()

    def _draw(self) -> None:
        self.query_one(Panel).show(text_lines(self._title, self.row, max(40, self.size.width - 2)))

    def fields(self, row: TextRow) -> Mapping[str, str]:
        """What a filter searches."""
        return {"step": row.name, "text": row.said}

    def copied(self) -> str:
        """The text."""
        return (self.row.view.text or "") if self.row else ""


def text_lines(title: str, row: TextRow | None, width: int) -> list[PanelLine]:
    """One text in full, in lines of at most `width` cells."""
    lines: list[PanelLine] = [[("As sent to ", Tone.MUTED), (title, Tone.STRONG)]]
    if row is None:
        return lines
    if row.view.problem is not None:
        lines.append([(f"not sent: {row.view.problem}", Tone.BAD)])
    whole = row.view.text if row.view.text is not None else row.view.raw or ""
    wrapped = [part for line in whole.split("\n") for part in textwrap.wrap(line, width) or [""]]
    lines += [[(part, Tone.PLAIN)] for part in wrapped[:MOST_LINES]]
    if len(wrapped) > MOST_LINES:
        lines.append([(f"and {len(wrapped) - MOST_LINES} more lines", Tone.MUTED)])
    if row.view.media_url:
        lines.append([(f"with {row.view.media_url}", Tone.MUTED)])
    return lines
