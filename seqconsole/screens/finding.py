"""A finding of the doctor: what it is, why it matters, what repairs it, and its first cases."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.app import ComposeResult

from engine.doctor import Example, Finding
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import count, full_phone, mask_phone
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

MOST_STATEMENTS: Final = 3


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case at its place."""

    place: int
    view: Example
    phone: str

    @property
    def ids(self) -> str:
        """The first id, and how many more there are."""
        more = len(self.view.ids) - 1
        return self.view.ids[0] + (f" +{more}" if more else "")


_COLUMNS: tuple[Column[CaseRow], ...] = (
    Column("ids", "Id", 39, lambda row: row.ids, priority=1, order=lambda row: row.ids),
    Column("phone", "Phone", 12, lambda row: row.phone, priority=3, order=lambda row: row.phone),
    Column("detail", "What is so", 20, lambda row: row.view.detail or "", flex=True, priority=2,
           order=lambda row: row.view.detail or ""),
)  # fmt: skip


class FindingScreen(RowsScreen[CaseRow]):
    """The cases of a finding as the doctor saw them; they do not change while one looks."""

    VIEW = "5"
    NAME = "Finding"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "cases"

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self._finding = finding

    def compose_head(self) -> ComposeResult:
        """What it is, why it matters, and the repair."""
        yield Panel()

    def key(self, row: CaseRow) -> int:
        """A case's place."""
        return row.place

    def rows(self, snapshot: Snapshot) -> Sequence[CaseRow]:
        """The cases that the doctor named."""
        shown = full_phone if self.console.wide else mask_phone
        return [
            CaseRow(place, each, shown(each.phone) if each.phone else "")
            for place, each in enumerate(self._finding.examples)
        ]

    def shown(self, snapshot: Snapshot) -> None:
        """The finding above its cases."""
        self.query_one(Panel).show(head_lines(self._finding, max(40, self.size.width - 2)))

    def note(self) -> str:
        """How many cases there are beyond those listed."""
        more = self._finding.n - len(self._finding.examples)
        return f"the first of {count(self._finding.n)}" if more > 0 else ""

    def fields(self, row: CaseRow) -> Mapping[str, str]:
        """What a filter searches."""
        return {
            "id": " ".join(row.view.ids),
            "phone": row.view.phone or "",
            "what": row.view.detail or "",
        }

    def copied(self) -> str:
        """The case's ids."""
        return " ".join(self.row.view.ids) if self.row else ""


def head_lines(finding: Finding, width: int) -> list[PanelLine]:
    """The finding in lines of at most `width` cells."""
    check = finding.check
    lines: list[PanelLine] = [
        [
            (check.title, Tone.BAD if check.grave else Tone.WARN),
            (f"  {count(finding.n)} {finding.unit}", Tone.STRONG),
        ]
    ]
    lines += [[(line, Tone.PLAIN)] for line in textwrap.wrap(f"{check.what} {check.why}", width)]
    lines += [[(line, Tone.STRONG)] for line in textwrap.wrap(f"Repair: {check.repair}.", width)]
    statements = dict.fromkeys(each.statement for each in finding.examples if each.statement)
    for statement in list(statements)[:MOST_STATEMENTS]:
        lines += [[(line, Tone.MUTED)] for line in textwrap.wrap(statement, width)]
    if len(statements) > MOST_STATEMENTS:
        lines.append([(f"and {len(statements) - MOST_STATEMENTS} more statements", Tone.MUTED)])
    return lines
