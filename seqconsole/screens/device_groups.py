"""Devices grouped by user, gateway host or platform: a line of sums for each group. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from engine.operations.model import Scope
from engine.reader import NIL
from engine.views import DeviceCondition, DeviceView, ScopeHoldView
from seqconsole.screens.device_rows import DeviceRow, Moment
from seqconsole.text import count


class By(StrEnum):
    """What devices are grouped by; NOTHING shows them one by one."""

    NOTHING = ""
    USER = "user"
    HOST = "host"
    PLATFORM = "platform"


HELD: Final[Mapping[By, Scope]] = {By.USER: Scope.USER, By.HOST: Scope.HOST}
"""Groups that are held as a whole; the devices of another group are held one by one."""

_SIGNS: Final = {
    DeviceCondition.PAUSED: "‖",
    DeviceCondition.BREAKER: "×",
    DeviceCondition.OFFLINE: "○",
    DeviceCondition.THROTTLED: "◐",
    DeviceCondition.SENDING: "▶",
    DeviceCondition.READY: "●",
    DeviceCondition.IDLE: "·",
}


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What tells groups apart; `value` "" is the group of devices of which it is not known."""

    by: By
    value: str

    @property
    def name(self) -> str:
        """The group as a line says it."""
        return self.value or f"no {self.by}"


def value_of(view: DeviceView, by: By) -> str:
    """The group that a device belongs to."""
    match by:
        case By.USER:
            return str(view.user_id) if view.user_id else ""
        case By.HOST:
            return view.host or ""
        case By.PLATFORM:
            return view.platform or ""
        case By.NOTHING:
            return ""


class Groups:
    """Which groups are unfolded, and the lines of a snapshot (`seqconsole.widgets.grid_rows`)."""

    def __init__(self, by: By) -> None:
        self.by = by
        self.now: datetime | None = None
        self.holds: Mapping[str, ScopeHoldView] = {}
        self._open: set[Hashable] = set()
        self._members: dict[Hashable, list[DeviceRow]] = {}

    @property
    def keys(self) -> Sequence[Hashable]:
        """The groups of the lines last made."""
        return tuple(self._members)

    def fold(self, key: Hashable) -> None:
        """Fold an open group, unfold a folded one."""
        self._open ^= {key}

    def fold_all(self, *, unfold: bool) -> None:
        """Fold all groups, or unfold them."""
        self._open = set(self._members) if unfold else set()

    def rows_of(self, key: Hashable) -> Sequence[DeviceRow]:
        """The devices of a group that match the filter."""
        return self._members.get(key, ())

    def members(self, row: DeviceRow) -> Sequence[Hashable]:
        """The devices that a line stands for; none for a device itself."""
        if row.group is None:
            return ()
        return [each.view.id for each in self._members.get(row.group, ())]

    def arrange(
        self,
        rows: Sequence[DeviceRow],
        order: Callable[[DeviceRow], Any] | None,
        reverse: bool,
        before: Sequence[DeviceRow] | None,
    ) -> list[DeviceRow]:
        """A line for each group, with its devices below it where it is unfolded."""
        found: dict[Hashable, list[DeviceRow]] = {}
        for row in rows:
            found.setdefault(GroupKey(self.by, value_of(row.view, self.by)), []).append(row)
        self._members = found
        lines = [self._line(key, members) for key, members in found.items()]
        if before is not None:
            places = {row.group: at for at, row in enumerate(before) if row.group is not None}
            lines.sort(key=lambda line: places.get(line.group, len(places)))
        else:
            lines.sort(key=lambda line: line.view.name)
            if order is not None:
                known = [line for line in lines if order(line) is not None]
                known.sort(key=order, reverse=reverse)
                lines = known + [line for line in lines if order(line) is None]
        arranged: list[DeviceRow] = []
        for line in lines:
            arranged.append(line)
            if line.group in self._open:
                arranged += [row.led("  ") for row in found[line.group]]
        return arranged

    def _line(self, key: Hashable, members: Sequence[DeviceRow]) -> DeviceRow:
        assert isinstance(key, GroupKey)
        assert self.now is not None
        held = self.holds.get(key.value)
        view = _sums(key, [each.view for each in members], held)
        sign = "▼" if key in self._open else "▶"
        return DeviceRow(
            view,
            Moment(self.now, wide=False),
            lead=f"{sign} {count(len(members)):>3} ",
            states=_states([each.view.condition for each in members], held is not None),
            group=key,
        )


def _states(conditions: Sequence[DeviceCondition], held: bool) -> str:
    """How many are in each condition, the worst first: `‖3 ○1 ●8`; `‖ held` of a group held whole."""
    if held:
        return "‖ held"
    found = Counter(conditions)
    return " ".join(f"{sign}{found[each]}" for each, sign in _SIGNS.items() if found[each])


def _sums(key: GroupKey, views: Sequence[DeviceView], held: ScopeHoldView | None) -> DeviceView:
    worst = min(views, key=lambda view: list(DeviceCondition).index(view.condition))
    last = [view.last_sent_at for view in views if view.last_sent_at]
    drained = [view.drained_at for view in views if view.drained_at]
    waiting = [view.slot_at for view in views if view.pending] or [worst.slot_at]
    return DeviceView(
        id=NIL,
        name=key.name,
        user_id=None,
        platform=None,
        phone=None,
        condition=DeviceCondition.PAUSED if held else worst.condition,
        hold=held.reason if held else None,
        held_until=held.until if held else None,
        pending=sum(view.pending for view in views),
        due=sum(view.due for view in views),
        sending=sum(view.sending for view in views),
        unknown=sum(view.unknown for view in views),
        failed=sum(view.failed for view in views),
        sent_in_window=sum(view.sent_in_window for view in views),
        send_limit=sum(view.send_limit for view in views),
        slot_at=min(waiting),
        failures=max(view.failures for view in views),
        gateway_state=None,
        proven_at=None,
        last_sent_at=max(last, default=None),
        drained_at=max(drained, default=None),
    )


def group_target(key: GroupKey) -> tuple[Scope, str] | None:
    """The scope that holds this group as a whole; None: its devices are held one by one."""
    scope = HELD.get(key.by)
    return (scope, key.value) if scope is not None and key.value else None
