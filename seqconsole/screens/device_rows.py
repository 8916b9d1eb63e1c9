"""A device as the screens show it: its words, its columns, its facts. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from engine.reader import DUE_LIMIT
from engine.store import FOREVER
from engine.views import DeviceCondition, DeviceDetailView, DeviceView, Overview
from seqconsole.screens.panel import PanelLine
from seqconsole.text import NOTHING, ago, clock, count, full_phone, mask_phone, short_count, until
from seqconsole.widgets.cells import bar, sparkline
from seqconsole.widgets.columns import Column
from seqconsole.widgets.tones import Tone

STATES: Final[Mapping[DeviceCondition, tuple[str, Tone]]] = {
    DeviceCondition.PAUSED: ("‖ paused", Tone.WARN),
    DeviceCondition.BREAKER: ("× breaker", Tone.BAD),
    DeviceCondition.OFFLINE: ("○ offline", Tone.BAD),
    DeviceCondition.THROTTLED: ("◐ throttled", Tone.WARN),
    DeviceCondition.SENDING: ("▶ sending", Tone.OK),
    DeviceCondition.READY: ("● ready", Tone.OK),
    DeviceCondition.IDLE: ("· idle", Tone.MUTED),
}
ALL_HELD: Final = "‖ all held"
_ORDER: Final = {condition: place for place, condition in enumerate(DeviceCondition)}
_STOPPED: Final = (DeviceCondition.PAUSED, DeviceCondition.BREAKER, DeviceCondition.OFFLINE)


@dataclass(slots=True)
class Moment:
    """What the rows of a screen are shown as of; `wide` shows phones in full."""

    now: datetime
    wide: bool


class DeviceRow:
    """A device at a moment, which it shares with all others: it stays the same row while the device does not
    change. What the clock makes of its times is worked out for the lines that are drawn, in coarse steps so
    that few of them change.

    A line that stands for a group of devices has its key in `group`, their sums in `view`, their
    conditions in `states`; `lead` is what stands before a name.
    """

    __slots__ = ("_moment", "group", "lead", "states", "view")

    def __init__(
        self,
        view: DeviceView,
        moment: Moment,
        *,
        lead: str = "",
        states: str = "",
        group: Hashable = None,
    ) -> None:
        self.view = view
        self.lead = lead
        self.states = states
        self.group = group
        self._moment = moment

    def led(self, lead: str) -> DeviceRow:
        """The same device behind another lead."""
        return DeviceRow(self.view, self._moment, lead=lead, states=self.states)

    @property
    def last(self) -> str:
        """How long ago it sent last."""
        sent = self.view.last_sent_at
        return ago((self._moment.now - sent).total_seconds()) if sent else NOTHING

    @property
    def next(self) -> str:
        """When it may send next."""
        return _next(self.view, self._moment.now)

    @property
    def drain(self) -> str:
        """How long its queue takes."""
        return _drain(self.view, self._moment.now)

    @property
    def phone(self) -> str:
        """Its phone, masked or in full."""
        if self.group is not None:
            return ""
        return (full_phone if self._moment.wide else mask_phone)(self.view.phone)


class DeviceRows:
    """The rows of a screen from one snapshot to the next."""

    def __init__(self) -> None:
        self._rows: list[DeviceRow] = []
        self._moment: Moment | None = None
        self._under: tuple[str | None, datetime | None] = (None, None)
        self._views: tuple[DeviceView, ...] = ()

    def at(
        self, devices: Sequence[DeviceView], overview: Overview, wide: bool
    ) -> Sequence[DeviceRow]:
        """The devices at a moment; a device that is the same object keeps its row.

        A hold on everything shows on each.
        """
        now, under = overview.now, (overview.everything_held, overview.held_until)
        if under != self._under:
            self._rows, self._under = [], under
        if self._moment is None or self._moment.wide is not wide:
            self._rows, self._moment = [], Moment(now, wide)
        moment = self._moment
        moment.now = now
        if len(self._rows) == len(devices):
            self._rows = [
                row if was is view else row_at(view, moment, overview)
                for row, was, view in zip(self._rows, self._views, devices, strict=True)
            ]
        else:
            self._rows = [row_at(view, moment, overview) for view in devices]
        self._views = tuple(devices)
        return self._rows


def row_at(device: DeviceView, moment: Moment, overview: Overview) -> DeviceRow:
    """A device's row; under a hold on everything it says so, and still what holds it alone."""
    if not overview.everything_held:
        return DeviceRow(device, moment)
    if device.condition in _STOPPED:
        hold = f"{device.hold or device.condition}; everything is held"
        return DeviceRow(replace(device, hold=hold), moment)
    held = replace(
        device,
        condition=DeviceCondition.PAUSED,
        hold=f"everything: {overview.everything_held}",
        held_until=overview.held_until,
    )
    return DeviceRow(held, moment, states=ALL_HELD)


def _next(device: DeviceView, now: datetime) -> str:
    """When it may send next, as far as its own throttle and hold say."""
    if device.condition in _STOPPED:
        return until((device.held_until - now).total_seconds()) if device.held_until else NOTHING
    if not device.due or device.condition is DeviceCondition.SENDING:
        return NOTHING
    return until((device.slot_at - now).total_seconds())


def due_text(device: DeviceView) -> str:
    """How many are due; the count ends at DUE_LIMIT."""
    if not device.due:
        return "·"
    return "1k+" if device.due >= DUE_LIMIT else str(device.due)


def _drain(device: DeviceView, now: datetime) -> str:
    """How long its queue takes under the limits and holds of now; `never` while a hold has no end."""
    if device.drained_at is None:
        return NOTHING
    if device.drained_at == FOREVER:
        return "never"
    return until((device.drained_at - now).total_seconds())


def figure(number: int) -> str:
    """A count, nothing being a dot so that the eye finds what is there."""
    return short_count(number) if number else "·"


def _sent(row: DeviceRow) -> str:
    view = row.view
    if row.group is not None:
        return figure(view.sent_in_window)
    return f"{view.sent_in_window}/{view.send_limit}"


def _sent_tone(row: DeviceRow) -> Tone:
    return Tone.WARN if row.view.sent_in_window >= row.view.send_limit else Tone.PLAIN


def _fail_tone(row: DeviceRow) -> Tone:
    return Tone.BAD if row.view.failures >= 3 else Tone.PLAIN


COLUMNS: Final[tuple[Column[DeviceRow], ...]] = (
    Column("device", "Device", 16, lambda row: row.lead + row.view.name,
           order=lambda row: row.view.name, flex=True, most=28),
    Column("state", "State", 11, lambda row: row.states or STATES[row.view.condition][0],
           order=lambda row: _ORDER[row.view.condition],
           tone=lambda row: STATES[row.view.condition][1], priority=1),
    Column("queue", "Queue", 6, lambda row: figure(row.view.pending), right=True, falling=True,
           order=lambda row: row.view.pending, priority=1),
    Column("due", "Due", 4, lambda row: due_text(row.view), right=True, falling=True,
           order=lambda row: row.view.due, priority=2),
    Column("flight", "Fly", 3, lambda row: figure(row.view.sending), right=True, falling=True,
           order=lambda row: row.view.sending, priority=6, from_width=96),
    Column("sent", "Sent/h", 7, _sent,
           right=True, falling=True, order=lambda row: row.view.sent_in_window, tone=_sent_tone,
           priority=2),
    Column("limit", "Limit", 8, lambda row: bar(row.view.sent_in_window, row.view.send_limit, 8),
           tone=_sent_tone, priority=5, from_width=96, falling=True,
           order=lambda row: row.view.sent_in_window / max(1, row.view.send_limit)),
    Column("next", "Next", 5, lambda row: row.next, right=True, priority=3,
           order=lambda row: row.view.slot_at),
    Column("drain", "Drain", 5, lambda row: row.drain, right=True, priority=7,
           from_width=110, falling=True, order=lambda row: row.view.drained_at),
    Column("failures", "Fail", 4, lambda row: figure(row.view.failures), right=True, falling=True,
           order=lambda row: row.view.failures, tone=_fail_tone, priority=3),
    Column("unknown", "Unkn", 4, lambda row: figure(row.view.unknown), right=True, falling=True,
           order=lambda row: row.view.unknown, priority=4,
           tone=lambda row: Tone.BAD if row.view.unknown else Tone.MUTED),
    Column("last", "Last", 5, lambda row: row.last, right=True, priority=4,
           order=lambda row: row.view.last_sent_at, falling=True),
    Column("phone", "Phone", 12, lambda row: row.phone, priority=8, from_width=120,
           order=lambda row: row.view.phone),
    Column("hold", "Held because", 14, lambda row: row.view.hold or "", flex=True, priority=9,
           from_width=110, order=lambda row: row.view.hold),
)  # fmt: skip


def device_fields(row: DeviceRow) -> Mapping[str, str]:
    """What a filter searches in a device."""
    view = row.view
    return {
        "device": view.name,
        "state": str(view.condition),
        "hold": view.hold or "",
        "platform": view.platform or "",
        "gateway": view.gateway_state or "",
        "host": view.host or "",
        "user": str(view.user_id or ""),
        "phone": row.phone,
        "_phone": view.phone or "",
    }


def _drains(row: DeviceRow) -> str:
    if row.drain in (NOTHING, "now"):
        return ""
    return "  never drains" if row.drain == "never" else f"  drains in ~{row.drain}"


def _seconds(gap: timedelta | None) -> str:
    return f"{gap.total_seconds():g}" if gap is not None else NOTHING


def throttle_lines(detail: DeviceDetailView) -> list[PanelLine]:
    """How a device is throttled, and its sends by hour as a picture."""
    rules = [f"gap {_seconds(detail.gap_min)}-{_seconds(detail.gap_max)} s"]
    if detail.gap_min is None:
        rules = ["not known to the engine yet"]
    if detail.warm_limit is not None:
        rules.append(f"warming up: {detail.warm_limit} now")
    if detail.daily_cap is not None:
        rules.append(f"cap {detail.daily_cap} a day")
    if detail.quiet_from:
        rules.append(f"quiet {detail.quiet_from[:5]}-{detail.quiet_to[:5]} {detail.zone}")
    most, total = max(detail.hours, default=0), sum(detail.hours)
    return [
        [("Rules ", Tone.MUTED), (" · ".join(rules), Tone.PLAIN)],
        [("24 h  ", Tone.MUTED), (sparkline(detail.hours), Tone.ACCENT),
         (f"  {count(total)} sent, at most {count(most)} in an hour", Tone.MUTED)],
    ]  # fmt: skip


def device_facts(row: DeviceRow, now: datetime) -> list[PanelLine]:
    """A device in some lines, as above its messages and beside the list."""
    view = row.view
    word, tone = STATES[view.condition]
    lines: list[PanelLine] = [
        [(view.name, Tone.STRONG), (f"  {row.phone}", Tone.MUTED),
         (f"  {view.platform or ''}", Tone.MUTED)],
        [(row.states or word, tone), (f"  {view.hold or ''}", tone if view.hold else Tone.PLAIN),
         (f"  until {clock(view.held_until, now)}" if view.held_until else "", Tone.MUTED)],
        [("Sent  ", Tone.MUTED), (f"{view.sent_in_window}/{view.send_limit} this hour ", Tone.PLAIN),
         (bar(view.sent_in_window, view.send_limit, 10), _sent_tone(row)),
         (_drains(row), Tone.MUTED)],
        [("Next  ", Tone.MUTED), (row.next, Tone.PLAIN),
         (f"  slot {clock(view.slot_at, now)}", Tone.MUTED)],
        [("Queue ", Tone.MUTED), (f"{short_count(view.pending)} pending", Tone.PLAIN),
         (f" · {due_text(view)} due · {view.sending} in flight", Tone.PLAIN)],
        [("Doubt ", Tone.MUTED),
         (f"{view.unknown} unknown", Tone.BAD if view.unknown else Tone.PLAIN),
         (f" · {view.failed} failed · {view.failures} failures in a row", Tone.PLAIN)],
        [("Proof ", Tone.MUTED), (f"last sent {row.last}", Tone.PLAIN),
         (f" · gateway says {view.gateway_state or 'nothing yet'}", Tone.PLAIN)],
    ]  # fmt: skip
    return lines
