"""The list of devices one by one, or grouped by user, gateway host or platform (`:scope`)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from engine.operations.model import Scope, Target
from engine.views import ScopeHoldView
from seqconsole.readings import AnyReading, ReadScopeHolds
from seqconsole.screens.base import Act
from seqconsole.screens.device_groups import By, GroupKey, Groups, group_target, value_of
from seqconsole.screens.device_rows import DeviceRow, DeviceRows, device_fields
from seqconsole.screens.rows import RowsScreen
from seqconsole.state import Snapshot
from seqconsole.text import count
from seqconsole.widgets.filter_bar import FilterBar

_MOST_OFFERED: Final = 200
"""So many groups of each kind are offered by the palette."""


def device_target(rows: Sequence[DeviceRow]) -> Target:
    """These devices, by id."""
    return Target(
        Scope.DEVICE,
        tuple(str(row.view.id) for row in rows),
        tuple(row.view.name for row in rows),
    )


class ScopedDevices(RowsScreen[DeviceRow]):
    """Devices, or lines of sums that fold and unfold; a user or a host can be held as a whole."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "scope", "Group by user, host, platform", show=False),
        Binding("plus", "unfold_all", "Unfold all groups", show=False),
        Binding("minus", "fold_all", "Fold all groups", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.groups = Groups(By.NOTHING)
        self._devices = DeviceRows()
        self._scope_filter = ""

    @property
    def by(self) -> By:
        """What the devices are grouped by."""
        return self.groups.by

    @property
    def group(self) -> GroupKey | None:
        """The group under the cursor; None on a device."""
        key = self.row.group if self.row is not None else None
        return key if isinstance(key, GroupKey) else None

    def key(self, row: DeviceRow) -> Hashable:
        """A device's id, or what tells groups apart."""
        return row.view.id if row.group is None else row.group

    def readings(self) -> Sequence[AnyReading]:
        """The holds of the groups."""
        return (ReadScopeHolds(),) if self.by in (By.USER, By.HOST) else ()

    def rows(self, snapshot: Snapshot) -> Sequence[DeviceRow]:
        """All devices."""
        self.groups.now = snapshot.now
        self.groups.holds = self._holds(snapshot)
        return self._devices.at(snapshot.figures.devices, snapshot.overview, self.console.wide)

    def _holds(self, snapshot: Snapshot) -> Mapping[str, ScopeHoldView]:
        found = snapshot.rows_of(ReadScopeHolds())
        if found is None:
            return self.groups.holds if self.by else {}
        return {hold.key: hold for hold in found if hold.scope == self.by}

    def fields(self, row: DeviceRow) -> Mapping[str, str]:
        """What a filter searches."""
        return device_fields(row)

    def note(self) -> str:
        """How the devices are grouped."""
        groups = len(self.groups.keys)
        noun = "group" if groups == 1 else "groups"
        return f"by {self.by}: {count(groups)} {noun}" if self.by else ""

    # Grouping.

    def scope_by(self, by: By, chosen: str | None = None) -> None:
        """Group by something else; `chosen` unfolds that group alone and filters for it."""
        self.groups = Groups(by)
        snapshot = self.console.snapshot
        if snapshot is not None:
            self.groups.now = snapshot.now
        self.grid.arrange_by(self.groups if by else None)
        if self._scope_filter and self.query_one(FilterBar).chosen.text == self._scope_filter:
            self.filter_by("")
        self._scope_filter = ""
        if chosen is not None:
            self.groups.fold(GroupKey(by, chosen))
            # No filter can name a text with a quote in it: the longest part without one is near enough.
            part = max(chosen.split('"'), key=len)
            self._scope_filter = f'{by}:"{"=" if part == chosen else ""}{part}"'
            self.filter_by(self._scope_filter)
        self.remember()
        self.count()
        self.refresh_bindings()
        self.console.poke()

    @property
    def scope_name(self) -> str:
        """What the devices are grouped by."""
        return str(self.by)

    def on_mount(self) -> None:
        """As the operator left it."""
        left = self.console.memory.of(self.NAME).by
        if left in list(By):
            self.groups = Groups(By(left))
            self.grid.arrange_by(self.groups if self.by else None)

    def acts(self) -> Sequence[Act]:
        """The groupings, and each group."""
        offered = [
            Act(f"scope by {by}", f"group the devices by {by}", partial(self.scope_by, by))
            for by in (By.USER, By.HOST, By.PLATFORM)
        ]
        offered.append(Act("scope none", "devices one by one", partial(self.scope_by, By.NOTHING)))
        for by in (By.USER, By.HOST, By.PLATFORM):
            sizes: dict[str, int] = {}
            for row in self._latest:
                value = value_of(row.view, by)
                sizes[value] = sizes.get(value, 0) + 1
            offered += [
                Act(
                    f"scope {by} {value}",
                    f"only the {count(n)} devices of this {by}",
                    partial(self.scope_by, by, value),
                )
                for value, n in sorted(sizes.items())[:_MOST_OFFERED]
                if value
            ]
        return offered

    def action_scope(self) -> None:
        """The next grouping, and after the last none."""
        kinds = list(By)
        self.scope_by(kinds[(kinds.index(self.by) + 1) % len(kinds)])

    def fold(self, row: DeviceRow) -> None:
        """Fold or unfold a group."""
        self.groups.fold(row.group)
        self.grid.arrange_by(self.groups)

    def action_unfold_all(self) -> None:
        """Show the devices of every group."""
        self._fold_all(unfold=True)

    def action_fold_all(self) -> None:
        """Show the groups alone; the cursor goes to the group it was in."""
        self._fold_all(unfold=False)

    def _fold_all(self, *, unfold: bool) -> None:
        row = self.row
        self.groups.fold_all(unfold=unfold)
        self.grid.arrange_by(self.groups)
        if row is not None and row.group is None:
            self.grid.move_to(GroupKey(self.by, value_of(row.view, self.by)))

    # What p and r act on.

    def why_not(self, action: str) -> str:
        """What needs a device under the cursor, and what a group can not do."""
        needs = {"pause", "resume", "reconnect", "explain", "open", "copy", "bulk", "lost"}
        if action in needs and not self.has_chosen:
            return "no device under the cursor"
        if action in {"unfold_all", "fold_all"} and not self.by:
            return "the devices are not grouped: b groups them"
        if action in {"unfold_all", "fold_all"} and self.row is None:
            return "no devices here"
        if action in {"explain", "lost"} and self.group is not None:
            return "a group is under the cursor: enter unfolds it, then choose a device"
        return ""

    def action_pause(self) -> None:
        """Pause the marked devices, the group or the device under the cursor; acts at once.

        A group that no hold covers as a whole is its devices: that many are asked about.
        """
        group = None if self.grid.marked else self.group
        if group is None:
            self.console.actions.pause(device_target(self.chosen_rows()))
        elif whole := _whole(group):
            self.console.actions.pause(whole)
        else:
            rows = self.groups.rows_of(group)
            self.console.actions.pause_many(device_target(rows), f"devices of {group.name}")

    def action_resume(self) -> None:
        """Resume them."""
        group = None if self.grid.marked else self.group
        if group is None:
            self.console.actions.resume(device_target(self.chosen_rows()))
        else:
            rows = self.groups.rows_of(group)
            self.console.actions.resume(_whole(group) or device_target(rows))

    def action_reconnect(self) -> None:
        """Let their gateways connect them anew."""
        group = None if self.grid.marked else self.group
        rows = self.chosen_rows() if group is None else self.groups.rows_of(group)
        self.console.actions.reconnect(device_target(rows))

    def action_bulk(self) -> None:
        """Pause every device that matches the filter, also in folded groups."""
        target = device_target(self.grid.matching_rows)
        self.console.actions.pause_many(target, "devices", filtered=self.is_filtered)


def _whole(group: GroupKey) -> Target | None:
    found = group_target(group)
    return None if found is None else Target(found[0], (found[1],), (found[1],))
