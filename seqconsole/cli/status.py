"""`seqconsole status`: what the screens show, of one instant."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from engine.reader import Reader, Snapshot
from engine.views import AlarmView
from seqconsole.cli.command import DONE, Commands, Context, catch_up, with_database
from seqconsole.cli.duplicates import as_group
from seqconsole.cli.output import plain, print_json, print_line, print_table

MOST_DEVICES = 20
MOST_ALARMS = 10
PORTIONS = 20
"""So many portions of the change feed at most: a status must not take long."""


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `status`."""
    parser = commands.add_parser(
        "status",
        parents=[common],
        help="devices, sequences, duplicates, engine and workers",
        description="What the screens show, all read at one instant. Changes no row of yours.",
        epilog="examples:\n  seqconsole status\n"
        "  seqconsole status --json | jq '.devices[] | select(.due > 100) | .name'",
    )
    parser.add_argument("--json", action="store_true", help="everything, for scripts")
    parser.add_argument("--full-phones", action="store_true", help="phone numbers unmasked")
    parser.set_defaults(run=with_database(_status))


async def _status(context: Context) -> int:
    await catch_up(context, PORTIONS)
    reader = Reader(context.database)
    snapshot = await reader.snapshot(duplicates=100_000)
    alarms = await reader.alarms()
    if context.args.json:
        phones = context.args.full_phones
        document = as_document(snapshot, context.place.access.described, phones)
        document["alarms"] = [{**plain(a), "text": a.text, "repair": a.repair} for a in alarms]
        print_json(document, phones=phones)
    else:
        _print(snapshot, context.place.access.described, alarms)
    return DONE


def as_document(snapshot: Snapshot, database: str, phones: bool) -> dict[str, Any]:
    """The document of `status --json`: its keys are a promise to scripts."""
    overview = snapshot.overview
    return {
        "now": overview.now,
        "database": database,
        "engine": {
            "on": overview.engine_on,
            "held": overview.everything_held,
            "held_until": overview.held_until,
            "workers": overview.workers,
        },
        "overview": overview,
        "workers": snapshot.workers,
        "devices": snapshot.devices,
        "sequences": snapshot.sequences,
        "steps": snapshot.steps,
        "duplicates": [as_group(group, phones) for group in snapshot.duplicates],
    }


def _print(snapshot: Snapshot, database: str, alarms: Sequence[AlarmView]) -> None:
    seen = snapshot.overview
    engine = "on" if seen.engine_on else "off"
    held = f", everything held: {seen.everything_held}" if seen.everything_held else ""
    print_line(f"database   {database}" + (f" ({seen.mark})" if seen.mark else ""))
    if seen.server_read_only:
        print_line("READ-ONLY  the server is a standby, or set so: nothing is sent")
    if seen.alarm:
        print_line(f"ALARM      {seen.alarm}")
    print_line(f"engine     {engine}, {_count(seen.workers, 'worker')}{held}")
    print_line(
        f"queue      {seen.pending} pending ({seen.due} due), {seen.sending} sending, "
        f"{seen.unknown} unknown, {seen.failed} failed; {seen.sent_last_minute} sent in the last minute"
    )
    print_line(
        f"devices    {seen.devices}, {seen.paused_devices} paused, {seen.offline_devices} offline"
    )
    print_line(f"duplicates {_count(seen.duplicates, 'group')}; {_count(seen.findings, 'finding')}")
    for alarm in alarms[:MOST_ALARMS]:
        print_line(f"alarm      due, claimable by nobody: {alarm.text}; {alarm.repair}")
    if len(alarms) > MOST_ALARMS:
        print_line(
            f"alarm      ... and {len(alarms) - MOST_ALARMS} more: `seqconsole status --json`"
        )
    print_line()
    by_queue = sorted(snapshot.devices, key=lambda device: (-device.pending, device.name))
    print_table(
        ("device", "state", "due", "pending", "sending", "unknown", "failed", "window", "why"),
        [
            (d.name, d.condition, d.due, d.pending, d.sending, d.unknown, d.failed,
             f"{d.sent_in_window}/{d.send_limit}", d.hold)
            for d in by_queue[:MOST_DEVICES]
        ],
    )  # fmt: skip
    if len(by_queue) > MOST_DEVICES:
        print_line(f"... and {len(by_queue) - MOST_DEVICES} more: `seqconsole status --json`")
    print_line()
    print_table(
        (
            "sequence",
            "pending",
            "active",
            "completed",
            "failed",
            "skipped",
            "other",
            "total",
            "delivered",
            "read",
            "replies",
            "why",
        ),
        [
            (
                s.name,
                s.pending,
                s.in_step,
                s.completed,
                s.failed,
                s.skipped,
                s.other,
                s.total,
                s.delivered,
                s.read,
                s.replies,
                s.hold,
            )
            for s in snapshot.sequences
        ],
    )


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
