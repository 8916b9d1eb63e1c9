"""`seqconsole history`: everything of one person."""

from __future__ import annotations

import argparse

from engine.operations.wording import counted
from engine.reports.history import Event, history
from engine.views import ContactRowView
from seqconsole.cli.command import DONE, Commands, Context, catch_up, with_database
from seqconsole.cli.output import print_json, print_line, print_table
from seqconsole.text import full_phone, mask_phone

PORTIONS = 1000


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `history`."""
    parser = commands.add_parser(
        "history",
        parents=[common],
        help="everything of one person",
        description=(
            "One person's contact rows in all sequences, over all spellings of the phone, and what "
            "happened, the oldest first: queued, tried, sent, receipts, operations, holds."
        ),
        epilog=(
            'examples:\n  seqconsole history "+60 12-345 6789"\n'
            "  seqconsole history 0123456789 --json | jq '.events[] | select(.what == \"sent\")'"
        ),
    )
    parser.add_argument("phone", metavar="PHONE", help="in any spelling")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.add_argument("--full-phones", action="store_true", help="phone numbers unmasked")
    parser.set_defaults(run=with_database(_history))


async def _history(context: Context) -> int:
    args = context.args
    await catch_up(context, PORTIONS)
    found = await history(context.database, args.phone)
    if args.json:
        print_json(found, phones=args.full_phones)
        return DONE
    shown = full_phone(found.phone_key) if args.full_phones else mask_phone(found.phone_key)
    print_line(f"{shown}: {counted(len(found.rows), 'contact row')}")
    if found.rows:
        print_table(
            ("sequence", "day", "name", "state", "due", "completed", "device", "gate", "error"),
            [_row(row) for row in found.rows],
        )
    print_line()
    print_table(
        ("at", "what", "sequence", "day", "device", "by", "detail"),
        [_event(event) for event in found.events],
    )
    return DONE


def _row(row: ContactRowView) -> tuple[object, ...]:
    return (
        row.sequence_name,
        row.day_number,
        row.name,
        row.status,
        row.at if row.open_state == "waiting" else row.next_trigger_time,
        row.completed_at,
        row.device_name,
        row.gate,
        row.last_error,
    )


def _event(event: Event) -> tuple[object, ...]:
    by = f"{event.who} ({event.operation_id})" if event.who else None
    return (
        event.at,
        event.what,
        event.sequence_name,
        event.day_number,
        event.device_name,
        by,
        event.detail,
    )
