"""Fixed rows at 10:41:07: devices, sequences, contacts, groups, messages, operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from engine.doctor import Example, Finding, Report, Skipped
from engine.doctor.findings import missing_key, null_step, same_day
from engine.operations.journal_export import ChangedRow
from engine.operations.resolve_preview import GroupPreview, RowPreview
from engine.reader import GateView
from engine.store import FOREVER
from engine.views import (
    ContactRowView,
    DeviceCondition,
    DeviceDetailView,
    DeviceView,
    DuplicateView,
    MessageView,
    OperationView,
    Overview,
    SequenceView,
    StepView,
)
from seqconsole.examining import Examination

NOW = datetime(2026, 1, 27, 10, 41, 7, tzinfo=UTC)
DEADLINE = 40.0
"""Seconds after which a wait counts as in vain; on a starved machine a console takes ten to start."""

_PLACES = ("Penang", "Ipoh", "Melaka", "Kuching", "Johor", "Seremban", "Kuantan", "Miri")
_NAMES = ("Aqil", "Siti", "Wei Ling", "Raj", "Nurul", "Hafiz", "Mei", "Farah", "Daniel", "Aina")


def uid(number: int) -> UUID:
    """An id that reads the same in every run."""
    return UUID(int=number * 0x1_0000_0001_0000_0001_0000_0001)


def device(at: int, **changes: Any) -> DeviceView:
    """The device number `at` of a fleet in every condition."""
    conditions = (
        DeviceCondition.SENDING, DeviceCondition.READY, DeviceCondition.THROTTLED,
        DeviceCondition.IDLE, DeviceCondition.PAUSED, DeviceCondition.OFFLINE,
        DeviceCondition.READY, DeviceCondition.BREAKER,
    )  # fmt: skip
    condition = conditions[at % 8]
    stopped = {"paused": "SIM swap", "offline": "gateway: logged out", "breaker": "5 in a row"}
    pending = 0 if condition is DeviceCondition.IDLE else (at * 7919) % 500
    throttled = condition is DeviceCondition.THROTTLED
    view = DeviceView(
        id=uid(1000 + at),
        name=f"{_PLACES[at % 8]} {at:02d}",
        user_id=uid(1),
        platform="gowa",
        phone=f"6012{3450000 + at}",
        condition=condition,
        hold=stopped.get(str(condition)),
        held_until=NOW + timedelta(minutes=5) if condition is DeviceCondition.BREAKER else None,
        pending=pending,
        due=pending // 4,
        sending=1 if condition is DeviceCondition.SENDING else 0,
        unknown=1 if at % 8 == 7 else 0,
        failed=at % 3,
        sent_in_window=80 if throttled else (at * 13) % 80,
        send_limit=80,
        slot_at=NOW + timedelta(minutes=19) if throttled else NOW - timedelta(seconds=4),
        failures=5 if condition is DeviceCondition.BREAKER else 0,
        gateway_state="offline" if condition is DeviceCondition.OFFLINE else "online",
        proven_at=NOW - timedelta(seconds=30),
        last_sent_at=NOW - timedelta(seconds=20 * at + 3),
        drained_at=_drained_at(condition, pending),
        host=f"gw-{at % 3}" if at % 8 else None,
    )
    return replace(view, **changes)


def _drained_at(condition: DeviceCondition, pending: int) -> datetime | None:
    if condition in (DeviceCondition.PAUSED, DeviceCondition.OFFLINE):
        return FOREVER
    return NOW + timedelta(seconds=45 * pending) if pending else None


def sequence(at: int, name: str, **changes: Any) -> SequenceView:
    """A sequence whose states add up."""
    counts = {"pending": 212 * at, "in_step": 30 * at, "completed": 840 * at, "failed": 4 * at}
    view = SequenceView(
        id=uid(at), name=name, active=True, hold=None, held_until=None, steps=3, **counts,
        skipped=6, other=0, unlinked=0, total=sum(counts.values()) + 6, duplicates=0,
        drained_at=NOW + timedelta(hours=5 * at),
    )  # fmt: skip
    return replace(view, **changes)


SEQUENCES = (
    sequence(1, "Welcome", duplicates=2, unlinked=3),
    sequence(2, "Renewal 2026", hold="price change", duplicates=1, drained_at=FOREVER),
    sequence(3, "Ramadan promotion", active=False, other=7, total=3265, drained_at=None),
)


def step(day: int) -> StepView:
    """A step of Welcome."""
    counts = {"pending": 60 * day, "active": 40 - 10 * day, "completed": 400 - 90 * day}
    return StepView(
        sequence_id=uid(1), sequence_name="Welcome", step_id=uid(100 + day), day_number=day,
        delay_hours=0 if day == 1 else 24, **counts, failed=day, skipped=2, other=0,
        total=sum(counts.values()) + day + 2,
    )  # fmt: skip


def contact(at: int, **changes: Any) -> ContactRowView:
    """A contact row of Welcome."""
    status = ("active", "pending", "completed", "failed")[at % 4]
    view = ContactRowView(
        id=uid(5000 + at), sequence_id=uid(1), sequence_name="Welcome", step_id=uid(101),
        day_number=1 + at % 3, name=f"{_NAMES[at % 10]} {at}", phone=f"012-345 {at:04d}",
        phone_key=f"6012345{at:04d}", status=status,
        next_trigger_time=NOW + timedelta(minutes=13) if status == "pending" else None,
        completed_at=NOW - timedelta(hours=2) if status == "completed" else None,
        device_name="Penang 00", open_state="ready" if status == "active" else None,
        at=NOW - timedelta(minutes=1) if status == "active" else None,
        gate="duplicate" if at == 5 else None, last_error="not on WhatsApp" if at % 4 == 3 else None,
        message_id=uid(7000 + at), message_status="pending" if status == "active" else None,
    )  # fmt: skip
    return replace(view, **changes)


def group(at: int) -> tuple[DuplicateView, GroupPreview]:
    """A duplicate group and its verdict."""
    phone = f"6012345{880 + at:04d}"
    lane = SEQUENCES[0] if at < 3 else SEQUENCES[1]
    key = f"{lane.id}|{phone}|{uid(101)}"
    states = (("active", "pending"), ("completed", "pending", "pending"), ("pending", "pending"))
    mine = states[at % 3]
    rule = ("has a live claim", "was already sent", "created first")[at % 3]
    rows = tuple(
        RowPreview(
            id=uid(9000 + 10 * at + place), status=state,
            completed_at=NOW - timedelta(hours=1) if state == "completed" else None,
            next_trigger_time=NOW + timedelta(minutes=14), phone=f"+{phone}",
            name=f"{_NAMES[at % 10]} 2", device="Penang 00", message="pending" if place == 0 else None,
            evidence=("live claim", "delivery", "none")[at % 3] if place == 0 else "none",
            verdict="keep" if place == 0 else "archive",
        )
        for place, state in enumerate(mine)
    )  # fmt: skip
    view = DuplicateView(
        key=key, sequence_id=lane.id, sequence_name=lane.name, step_id=uid(101), day_number=2,
        phone_key=phone, name=f"{_NAMES[at % 10]} 2", states=mine, rows=len(mine),
        since=NOW - timedelta(minutes=41),
    )  # fmt: skip
    verdict = GroupPreview(
        key=key, sequence_name=lane.name, day_number=2, person=view.name, phone_key=phone, rows=rows,
        survivor=rows[0].id, rule=rule, result=mine[0],
        refusal="a message is in flight until 10:43:37" if at == 4 else None,
        when="never: it was sent" if at % 3 == 1 else "due at 10:55:00", skipped_messages=at % 2,
    )  # fmt: skip
    return view, verdict


def message(at: int, **changes: Any) -> MessageView:
    """A message in one of the open states."""
    status = ("unknown", "sending", "failed", "pending")[min(3, at // 2)]
    view = MessageView(
        id=uid(7000 + at), device_id=uid(1000 + at % 8), device_name=f"{_PLACES[at % 8]} {at % 8:02d}",
        sequence_name="Welcome" if at % 5 else None, day_number=1 + at % 3 if at % 5 else None,
        phone_key=f"6012345{at:04d}", name=f"{_NAMES[at % 10]} {at}", status=status,
        scheduled_at=NOW + timedelta(minutes=at - 20), sent_at=None,
        error="not on WhatsApp" if status == "failed" else None, tries=1 if at < 6 else 0,
        at=NOW + timedelta(minutes=at - 20), gate="countdown" if at == 8 else None,
    )  # fmt: skip
    return replace(view, **changes)


def operation(id: int, verb: str, summary: str, **changes: Any) -> OperationView:
    """A line of the journal."""
    view = OperationView(id=id, at=NOW - timedelta(minutes=100 - id), who="ops@host-3", verb=verb,
                         reason=None, n=1, summary=summary, undoes=None, undone_by=None)  # fmt: skip
    return replace(view, **changes)


DETAIL = DeviceDetailView(
    timedelta(seconds=8), timedelta(seconds=15), timedelta(hours=1), 300, "22:00:00", "08:00:00",
    "Asia/Kuala_Lumpur", None, [0, 0, 0, 0, 0, 0, 0, 0, 12, 40, 61, 80, 80, 55, 20, 64, 80, 71, 66, 38, 9, 0, 4, 17],
)  # fmt: skip
JOURNAL = (
    operation(41, "pause", "paused device Kuching 04", reason="SIM swap"),
    operation(40, "undo", "undid operation 39: resolved 1 duplicate group", undoes=39),
    operation(39, "resolve", "resolved 1 duplicate group, archived 1 row", undone_by=40),
    operation(38, "engine on", "switched the engine on"),
)
OPERATION_ROWS = (
    ChangedRow(41, "device|1", "seqconsole.holds", "device|1|operator", None, '{"until": "infinity"}'),
    ChangedRow(41, "contact|60123450000", "sequence_contacts", "812",
               '{"status": "failed", "retry_count": 2, "contact_phone": "60123450000"}',
               '{"status": "pending", "retry_count": 2, "contact_phone": "60123450000"}'),
)  # fmt: skip
GATES = (
    GateView("engine", True, "on", None),
    GateView("hold", True, "none", None),
    GateView("duplicate", False, "2 rows for this person and step", None),
    GateView("due time", False, "due at 10:55:00", NOW + timedelta(minutes=14)),
    GateView("gap", None, "not yet known", None),
)


def overview(devices: Sequence[DeviceView], duplicates: int, **changes: Any) -> Overview:
    """The overview that goes with a fleet."""
    count = [each.condition for each in devices].count
    view = Overview(
        now=NOW, engine_on=True, everything_held=None, held_until=None, held_by=None,
        server_read_only=False, alarm=None, workers=1, versions=1,
        lag=timedelta(seconds=0.2), sent_last_minute=52, sent_last_hour=2900,
        pending=sum(each.pending for each in devices), due=sum(each.due for each in devices),
        sending=sum(each.sending for each in devices), unknown=2, failed=8, duplicates=duplicates,
        paused_devices=count(DeviceCondition.PAUSED), offline_devices=count(DeviceCondition.OFFLINE),
        devices=len(devices), countdown=0, countdown_until=None, findings=1, mark="demo",
        clock_offset=None,
    )  # fmt: skip
    return replace(view, **changes)


EXAMINED: Final = Examination(
    Report(
        at=NOW - timedelta(minutes=3),
        adopted=True,
        zone="UTC",
        country="60",
        findings=(
            Finding(
                null_step.CHECK,
                17,
                tuple(
                    Example((str(uid(700 + at)),), f"6012345{at:04}", "pending, day number 2", None)
                    for at in range(12)
                ),
            ),
            Finding(
                missing_key.CHECK,
                1,
                (
                    Example(
                        ("sequence_contacts",),
                        None,
                        "no unique index over contact_phone",
                        "create unique index concurrently uk_sequence_contact_stepid on sequence_contacts "
                        "(sequence_id, contact_phone, sequence_stepid)",
                    ),
                ),
            ),
        ),
        skipped=(Skipped(same_day.CHECK, "not finished in 60s"),),
        seconds=4.2,
    )
)
"""What the doctor said three minutes ago."""
