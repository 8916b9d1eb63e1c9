"""What the screens and `status --json` show: immutable rows, each read by one file of `sql/views`.

Phones are phone keys (digits); whoever shows them masks them. Texts come from the database unclean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class DeviceCondition(StrEnum):
    """Why a device sends or does not, worst first (DESIGN 7)."""

    PAUSED = "paused"
    BREAKER = "breaker"
    OFFLINE = "offline"
    THROTTLED = "throttled"
    SENDING = "sending"
    READY = "ready"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device: queue, throttle, what its gateway last proved.

    `drained_at` estimates when its queue will be sent under the limits and holds of now: None where
    nothing waits, FOREVER where it never will. `host` is the gateway host that it is behind.
    """

    id: UUID
    name: str
    user_id: UUID | None
    platform: str | None
    phone: str | None
    condition: DeviceCondition
    hold: str | None
    held_until: datetime | None
    pending: int
    due: int
    sending: int
    unknown: int
    failed: int
    sent_in_window: int
    send_limit: int
    slot_at: datetime
    failures: int
    gateway_state: str | None
    proven_at: datetime | None
    last_sent_at: datetime | None
    drained_at: datetime | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceDetailView:
    """How a device is throttled, and `hours`: its sends in each of the last 24 hours, the latest last.

    `gap_min` None: the engine does not know the device yet. `quiet_from` "" = no quiet hours;
    `warm_limit` is the limit of today while it is warmed up.
    """

    gap_min: timedelta | None
    gap_max: timedelta | None
    send_window: timedelta
    daily_cap: int | None
    quiet_from: str
    quiet_to: str
    zone: str
    warm_limit: int | None
    hours: list[int]


@dataclass(frozen=True, slots=True)
class ScopeHoldView:
    """A hold on a whole user or gateway host; `until` None: no end."""

    scope: str
    key: str
    holder: str
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of a sequence: total = pending + active + completed + failed + skipped + other."""

    sequence_id: UUID
    sequence_name: str
    step_id: UUID
    day_number: int | None
    delay_hours: int | None
    pending: int
    active: int
    completed: int
    failed: int
    skipped: int
    other: int
    total: int


@dataclass(frozen=True, slots=True)
class SequenceView:
    """A sequence over all its steps; `unlinked` = rows without a known step; `hold` = why it is paused.

    `drained_at` estimates when what is queued of it will be sent under the limits and holds of now: None
    where nothing is, FOREVER where it never will. It is some seconds old (engine.estimates).
    `delivered` counts what was read too; `replies` all that people wrote, stop included.
    """

    id: UUID
    name: str
    active: bool
    hold: str | None
    held_until: datetime | None
    steps: int
    pending: int
    in_step: int
    completed: int
    failed: int
    skipped: int
    other: int
    unlinked: int
    total: int
    duplicates: int
    drained_at: datetime | None = None
    delivered: int = 0
    read: int = 0
    replies: int = 0


@dataclass(frozen=True, slots=True)
class ContactRowView:
    """One contact row with what the engine thinks of it."""

    id: UUID
    sequence_id: UUID | None
    sequence_name: str | None
    step_id: UUID | None
    day_number: int | None
    name: str | None
    phone: str | None
    phone_key: str | None
    status: str
    next_trigger_time: datetime | None
    completed_at: datetime | None
    device_name: str | None
    open_state: str | None
    at: datetime | None
    gate: str | None
    last_error: str | None
    message_id: UUID | None
    message_status: str | None


@dataclass(frozen=True, slots=True)
class DuplicateView:
    """A duplicate group: rows of one sequence, person and step. `key` names it to `resolve`."""

    key: str
    sequence_id: UUID
    sequence_name: str | None
    step_id: UUID
    day_number: int | None
    phone_key: str
    name: str | None
    states: tuple[str, ...]
    rows: int
    since: datetime


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of the queue."""

    id: UUID
    device_id: UUID | None
    device_name: str | None
    sequence_name: str | None
    day_number: int | None
    phone_key: str | None
    name: str | None
    status: str
    scheduled_at: datetime | None
    sent_at: datetime | None
    error: str | None
    tries: int
    at: datetime | None
    gate: str | None


@dataclass(frozen=True, slots=True)
class OperationView:
    """One line of the journal."""

    id: int
    at: datetime
    who: str
    verb: str
    reason: str | None
    n: int
    summary: str
    undoes: int | None
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class AlarmView:
    """Due but claimable by nobody: one gate that nothing opens by itself, and examples of what is behind it.

    scope: a hold's, or `limit` (it is 0), `throttle` (the engine does not know the device), `cold`, `gone`
    (no such device), `homeless` (its user has none), `refused` or `refused step` (the tables refuse to
    change it), `stranded` (no other device can take over). `ids` are messages; of `homeless` and
    `refused step` contact rows, of `stranded` the device.
    """

    key: str
    scope: str
    name: str
    holder: str | None
    why: str
    ids: list[UUID]
    since: datetime

    @property
    def text(self) -> str:
        """The alarm in one line; it may hold text of the database, unclean."""
        return f"{self.scope} {self.name}: {self.why}" if self.name else f"{self.scope}: {self.why}"

    @property
    def repair(self) -> str:
        """What opens the gate, as a command where there is one."""
        match self.scope:
            case "all" | "user" | "host" | "device" | "sequence":
                what = "--all" if self.scope == "all" else f"--{self.scope} {self.name!r}"
                return f"mend the cause, then seqconsole holds --lift {self.holder!r} {what}"
            case "limit":
                return f"seqconsole limits --device {self.name!r}"
            case "gone" if self.key != "gone|":
                return f"seqconsole reassign --device {self.name} --to NAME"
            case "gone" | "homeless":
                return "give its user a device"
            case "refused" | "refused step":
                return "mend what refuses it (a trigger, a constraint); it is tried again by itself"
            case "stranded":
                return f"seqconsole reassign --device {self.name!r} --to NAME"
            case "cold":
                return f"seqconsole holds --lift timelock --device {self.name!r}"
        return "seqconsole worker, and look again"


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A running engine, by its heartbeat."""

    id: UUID
    host: str
    version: str
    ticked_at: datetime
    lag: timedelta
    sending: int
    draining: bool
    alive: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The facts of the status strip, all of one instant `now` (the database's clock).

    `alarm` is what slows the engine down, in a line that may hold text of the database, unclean.
    """

    now: datetime
    engine_on: bool
    everything_held: str | None
    held_until: datetime | None
    held_by: str | None
    server_read_only: bool
    alarm: str | None
    workers: int
    versions: int
    lag: timedelta | None
    sent_last_minute: int
    sent_last_hour: int
    pending: int
    due: int
    sending: int
    unknown: int
    failed: int
    duplicates: int
    paused_devices: int
    offline_devices: int
    devices: int
    countdown: int
    countdown_until: datetime | None
    findings: int
    mark: str | None
    clock_offset: timedelta | None
    unclaimable: int = 0
