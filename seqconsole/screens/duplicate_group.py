"""One duplicate group: its rows side by side, a verdict each, and the rule that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from engine.operations.resolve_preview import GroupPreview, RowPreview
from seqconsole.readings import AnyReading, ReadGroups
from seqconsole.screens.contact_rows import state_of
from seqconsole.screens.panel import Panel, PanelLine
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import NOTHING, clock, full_phone, mask_phone
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A row of the group, in the order of survivorship."""

    place: int
    view: RowPreview
    phone: str
    completed: str
    next: str

    @property
    def kept(self) -> bool:
        """Whether this row stays."""
        return self.view.verdict == "keep"


_COLUMNS: tuple[Column[MemberRow], ...] = (
    Column("verdict", "Verdict", 9, lambda row: "√ KEEP" if row.kept else "» archive",
           tone=lambda row: Tone.OK if row.kept else Tone.WARN, order=lambda row: row.place),
    Column("id", "Id", 8, lambda row: str(row.view.id)[:8], priority=1),
    Column("state", "State", 11, lambda row: state_of(row.view.status)[0],
           tone=lambda row: state_of(row.view.status)[1], priority=1),
    Column("evidence", "Evidence", 12, lambda row: row.view.evidence or "none", priority=1,
           flex=True, most=30),
    Column("completed", "Completed", 15, lambda row: row.completed, priority=4, from_width=100),
    Column("next", "Next trigger", 15, lambda row: row.next, priority=2),
    Column("message", "Message", 10, lambda row: row.view.message or NOTHING, priority=3),
    Column("device", "Device", 12, lambda row: row.view.device or NOTHING, priority=5, flex=True,
           most=22, from_width=96),
    Column("name", "Name", 10, lambda row: row.view.name or "", priority=6, flex=True, most=24,
           from_width=96),
    Column("phone", "Phone as stored", 15, lambda row: row.phone, priority=7, from_width=110),
)  # fmt: skip


class GroupScreen(RowsScreen[MemberRow]):
    """The rows of a group; `o` keeps another, `n` and `N` walk through the groups."""

    VIEW = "3"
    NAME = "Duplicate group"
    COLUMNS: ClassVar[tuple[Column[Any], ...]] = _COLUMNS
    NOUN = "rows"
    EMPTY = "This group is resolved."
    SORT = "verdict"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "repair", "Resolve and next"),
        Binding("o", "keep_this", "Keep this row"),
        Binding("n", "step(1)", "Next"),
        Binding("N", "step(-1)", "Previous"),
    ]

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key
        self._keep: UUID | None = None
        self._group: GroupPreview | None = None
        self._order: tuple[str, ...] = ()

    @property
    def _reading(self) -> ReadGroups:
        kept = ((self._key, self._keep),) if self._keep is not None else ()
        return ReadGroups((self._key,), kept)

    def readings(self) -> Sequence[AnyReading]:
        """The group, judged with the row that the operator wants to keep."""
        return (self._reading,)

    def compose_head(self) -> ComposeResult:
        """Which group."""
        yield Panel(id="which")

    def compose_foot(self) -> ComposeResult:
        """Why, and what comes of it."""
        yield Panel(id="why")

    def key(self, row: MemberRow) -> UUID:
        """A contact row's id."""
        return row.view.id

    def rows(self, snapshot: Snapshot) -> Sequence[MemberRow] | None:
        """The group's rows."""
        self._order = tuple(group.key for group in snapshot.figures.duplicates)
        found = snapshot.rows_of(self._reading)
        if found is None:
            return None
        self._group = found[0] if found else None
        phone = full_phone if self.console.wide else mask_phone
        return [
            MemberRow(
                place,
                row,
                phone(row.phone),
                clock(row.completed_at, snapshot.now),
                clock(row.next_trigger_time, snapshot.now),
            )
            for place, row in enumerate(self._group.rows if self._group else ())
        ]

    def shown(self, snapshot: Snapshot) -> None:
        """Which group above, why below."""
        group = self._group
        which, why = self.query_one("#which", Panel), self.query_one("#why", Panel)
        if group is None:
            which.show([[("No such group any more.", Tone.MUTED)]])
            why.show([])
            return
        phone = full_phone if self.console.wide else mask_phone
        place = self._order.index(self._key) + 1 if self._key in self._order else 0
        which.show(
            [
                [
                    (f"{group.sequence_name or NOTHING} · step {group.day_number or NOTHING} · "
                     f"{phone(group.phone_key)}", Tone.STRONG),
                    (f"  {group.person or ''}", Tone.PLAIN),
                    (f"  group {place} of {len(self._order)}" if place else "", Tone.MUTED),
                ]
            ]
        )  # fmt: skip
        why.show(_why_lines(group))

    def fields(self, row: MemberRow) -> Mapping[str, str]:
        """What a filter searches."""
        return {
            "state": row.view.status,
            "verdict": row.view.verdict,
            "id": str(row.view.id),
            "_phone": row.view.phone or "",
        }

    def why_not(self, action: str) -> str:
        """A group that is gone or in flight can not be resolved."""
        if action in {"repair", "keep_this", "copy"} and self.row is None:
            return "this group is no longer there"
        if action == "keep_this" and self.row is not None and self.row.kept:
            return "this row is kept already"
        if action == "repair" and self._group is not None and self._group.refusal:
            return self._group.refusal
        return ""

    def moved(self) -> None:
        """Another row may or may not be kept instead."""
        self.refresh_bindings()

    def copied(self) -> str:
        """The row's id."""
        return str(self.row.view.id) if self.row else ""

    def action_repair(self) -> None:
        """Resolve this group as shown, then go to the next one."""
        keep = {self._key: self._keep} if self._keep is not None else None
        after = self._neighbour(1) or self._neighbour(-1)
        self.console.actions.resolve((self._key,), keep, then=lambda: self._go(after))

    def action_keep_this(self) -> None:
        """Keep the row under the cursor instead."""
        if self.row is not None:
            self._keep = self.row.view.id
            self.console.poke()

    def action_step(self, by: int) -> None:
        """The next group, or the one before."""
        key = self._neighbour(by)
        if key is None:
            self.console.say("This is the last group." if by > 0 else "This is the first group.")
        else:
            self._go(key)

    def _neighbour(self, by: int) -> str | None:
        if self._key not in self._order:
            return self._order[0] if self._order else None
        at = self._order.index(self._key) + by
        return self._order[at] if 0 <= at < len(self._order) else None

    def _go(self, key: str | None) -> None:
        if key is None:
            self.console.poke()
            return
        self._key, self._keep, self.ready = key, None, False
        self.console.poke()


def _why_lines(group: GroupPreview) -> list[PanelLine]:
    """Which rule decided, what becomes of the group and what is sent as a result."""
    kept = str(group.survivor)[:8]
    lines: list[PanelLine] = [
        [(f"Why {kept}: ", Tone.STRONG), (group.rule, Tone.PLAIN)],
        [("After:  ", Tone.MUTED),
         (f"{len(group.rows) - 1} row{'' if len(group.rows) == 2 else 's'} to the archive, "
          f"the result is {group.result}", Tone.PLAIN),
         (f", {group.skipped_messages} message(s) skipped" if group.skipped_messages else "",
          Tone.PLAIN)],
        [("Sends:  ", Tone.MUTED), (group.when, Tone.PLAIN), (" · z undoes", Tone.MUTED)],
    ]  # fmt: skip
    if group.refusal:
        lines.append([("Refused: ", Tone.BAD), (group.refusal, Tone.BAD)])
    return lines
