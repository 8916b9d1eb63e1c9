"""3 Duplicates: the groups, which row of each would stay and by which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.operations.resolve_preview import GroupPreview
from engine.views import DuplicateView
from seqconsole.readings import AnyReading, ReadGroups
from seqconsole.screens.duplicate_group import GroupScreen
from seqconsole.screens.in_full import InFull
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import NOTHING, ago, count, full_phone, mask_phone
from seqconsole.widgets.columns import Column
from seqconsole.widgets.filter_bar import FilterBar
from seqconsole.widgets.tones import Tone

JUDGED_AT_ONCE: Final = 60
"""So many groups around the cursor are judged with each reading."""


@dataclass(frozen=True, slots=True)
class DuplicateRow:
    """A group; `verdict` is None until it has been judged."""

    view: DuplicateView
    phone: str
    since: str
    verdict: GroupPreview | None

    @property
    def keep(self) -> str:
        """The row that would stay, by the beginning of its id."""
        return NOTHING if self.verdict is None else str(self.verdict.survivor)[:8]

    @property
    def why(self) -> str:
        """The rule that decides, or why the group can not be resolved now."""
        if self.verdict is None:
            return ""
        return self.verdict.refusal or self.verdict.rule

    @property
    def told(self) -> tuple[str, ...]:
        """Whose group it is, what stays and why, and what is sent of it."""
        who = self.view.name or self.phone
        judged = self.verdict
        if judged is None:
            return (who,)
        if judged.refusal:
            return (who, judged.refusal)
        kept = next((row.status for row in judged.rows if row.id == judged.survivor), "")
        return (
            who,
            f"keeps the {kept or 'stateless'} row: {judged.rule}",
            f"message {judged.when}",
        )


def states_text(states: Sequence[str]) -> str:
    """The states of a group's rows: `active, pending ×2`."""
    counted = Counter(states)
    return ", ".join(state if n == 1 else f"{state} ×{n}" for state, n in sorted(counted.items()))


_COLUMNS: tuple[Column[DuplicateRow], ...] = (
    Column("sequence", "Sequence", 13, lambda row: row.view.sequence_name or NOTHING, flex=True,
           most=26, order=lambda row: row.view.sequence_name),
    Column("step", "Step", 4, lambda row: str(row.view.day_number or NOTHING), right=True,
           priority=1, order=lambda row: row.view.day_number),
    Column("phone", "Phone", 10, lambda row: row.phone, priority=1,
           order=lambda row: row.view.phone_key),
    Column("name", "Name", 10, lambda row: row.view.name or "", priority=5, flex=True, most=24,
           order=lambda row: row.view.name, from_width=90),
    Column("rows", "Rows", 4, lambda row: str(row.view.rows), right=True, priority=2,
           order=lambda row: row.view.rows, falling=True),
    Column("states", "States", 22, lambda row: states_text(row.view.states), priority=1,
           order=lambda row: states_text(row.view.states)),
    Column("keep", "Keep", 8, lambda row: row.keep, priority=4, from_width=96,
           order=lambda row: row.keep or None),
    Column("why", "Why", 14, lambda row: row.why, priority=3, flex=True, order=lambda row: row.why or None,
           tone=lambda row: Tone.WARN if row.verdict and row.verdict.refusal else Tone.MUTED),
    Column("since", "Since", 5, lambda row: row.since, right=True, priority=6, from_width=96,
           order=lambda row: row.view.since),
)  # fmt: skip


class DuplicatesScreen(RowsScreen[DuplicateRow]):
    """The list of duplicate groups."""

    VIEW = "3"
    NAME = "Duplicates"
    KEEPS_FILTER = True
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "duplicate groups"
    EMPTY = "No duplicates."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "repair", "Resolve"),
        Binding("ctrl+d", "bulk", "Resolve all"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._verdicts: dict[str, GroupPreview] = {}
        self._judged: tuple[str, ...] = ()

    def key(self, row: DuplicateRow) -> str:
        """A group's key."""
        return row.view.key

    def readings(self) -> Sequence[AnyReading]:
        """The verdicts of the groups around the cursor."""
        rows = self.grid.shown_rows
        at = max(0, self.place - JUDGED_AT_ONCE // 2)
        keys = tuple(row.view.key for row in rows[at : at + JUDGED_AT_ONCE])
        return (ReadGroups(keys),) if keys else ()

    def failure(self, snapshot: Snapshot) -> str:
        """The groups come with the figures; a verdict that failed is only missing."""
        return ""

    def rows(self, snapshot: Snapshot) -> Sequence[DuplicateRow]:
        """The groups, each with its verdict where it is known."""
        for reading in snapshot.answers:
            if isinstance(reading, ReadGroups):
                verdicts = snapshot.rows_of(reading) or ()
                self._verdicts.update((verdict.key, verdict) for verdict in verdicts)
        phone = full_phone if self.console.wide else mask_phone
        groups = snapshot.figures.duplicates
        known = {group.key for group in groups}
        self._verdicts = {key: each for key, each in self._verdicts.items() if key in known}
        return [
            DuplicateRow(
                group,
                phone(group.phone_key),
                ago((snapshot.now - group.since).total_seconds()),
                self._verdicts.get(group.key),
            )
            for group in groups
        ]

    def compose_foot(self) -> ComposeResult:
        """The group under the cursor: what stays of it, why, and what its person still gets."""
        yield InFull()

    def moved(self) -> None:
        """Another group in full."""
        row = self.row
        self.query_one(InFull).say(*(row.told if row else ()))

    def shown(self, snapshot: Snapshot) -> None:
        """Ask for the verdicts at once when there is something not judged yet."""
        if any(row.verdict is None for row in self.grid.shown_rows[:JUDGED_AT_ONCE]):
            keys = tuple(row.view.key for row in self.grid.shown_rows[:JUDGED_AT_ONCE])
            if keys != self._judged:
                self._judged = keys
                self.console.poke()
        self.moved()

    def fields(self, row: DuplicateRow) -> Mapping[str, str]:
        """What a filter searches."""
        view = row.view
        return {
            "sequence": view.sequence_name or "",
            "name": view.name or "",
            "state": " ".join(view.states),
            "step": str(view.day_number or ""),
            "rule": row.why,
            "phone": row.phone,
            "_phone": view.phone_key,
        }

    def note(self) -> str:
        """How many rows there are too many, and groups beyond those shown."""
        rows = self.grid.shown_rows
        surplus = sum(row.view.rows - 1 for row in rows)
        snapshot = self.console.snapshot
        all_groups = snapshot.overview.duplicates if snapshot else 0
        more = f" · {count(all_groups)} groups in all" if all_groups > self.grid.total else ""
        return f"{count(surplus)} rows too many{more}" if rows else ""

    def why_not(self, action: str) -> str:
        """What needs a group."""
        if action in {"repair", "bulk", "copy"} and self.row is None:
            return "no duplicate group here"
        return ""

    def open_row(self, row: DuplicateRow) -> None:
        """The group's rows side by side."""
        self.console.push_screen(GroupScreen(row.view.key))

    def copied(self) -> str:
        """The group's key; with the phone masked, as long as the screen masks it."""
        if self.row is None or self.console.wide:
            return self.row.view.key if self.row else ""
        return self.row.view.key.replace(self.row.view.phone_key, self.row.phone)

    def action_repair(self) -> None:
        """Resolve the marked groups, else the one under the cursor."""
        keys = tuple(row.view.key for row in self.chosen_rows())
        self.console.actions.resolve(keys, then=self._done)

    def _done(self) -> None:
        self.grid.clear_marks()

    def action_bulk(self) -> None:
        """Resolve every group that matches the filter; without a filter all there are."""
        filtered = bool(self.query_one(FilterBar).chosen)
        keys = tuple(row.view.key for row in self.grid.shown_rows) if filtered else None
        self.console.actions.resolve(keys)
