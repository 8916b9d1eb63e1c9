"""`seqconsole limits`: how fast devices send, as it is and as it shall be."""

from __future__ import annotations

import argparse

from engine.operations.limit_values import LimitScope
from engine.operations.limits import (
    DEFAULTS,
    Subject,
    limits_in_force,
    preview_limits,
    set_limits,
    subject_of,
)
from engine.store import Database
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.cli.output import print_json, print_line, print_table

OPTIONS = {
    "--limit": ("send_limit", "N", "sends in a window"),
    "--window": ("send_window", "1h", "the length of the sliding window"),
    "--gap": ("gap", "5-15", "seconds between two sends, least and most"),
    "--daily-cap": ("daily_cap", "N", "sends a day, or none"),
    "--quiet": ("quiet_hours", "22:00-08:00", "hours without a send, or none"),
    "--timezone": ("timezone", "ZONE", "whose days and quiet hours count"),
    "--warm-up": ("warm_up", "3:20,7:40", "until day 3 20 an hour, until day 7 40; or none"),
    "--warm-from": ("warm_from", "DATE", "when a device began to warm up"),
    "--failover-after": (
        "failover_after",
        "4h",
        "so long lost, and other devices of its user take over what waits for it, or none",
    ),
    "--weight": ("weight", "2", "a sequence's share of a device"),
    "--on-failure": (
        "on_failure",
        "skip",
        "after a failed step of a sequence: hold (as it is) or skip to the next",
    ),
    "--person-gap": ("person_gap", "24h", "one message a person in so long, or none"),
    "--name-fallback": ("name_fallback", "Cik", "what {name} says where there is no name, or none"),
    "--valid-for": ("valid_for", "48h", "after so long a step is skipped, or none"),
}


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `limits`."""
    parser = commands.add_parser(
        "limits",
        parents=[common],
        help="how fast devices send: show or set it",
        description=(
            "Without a change: what counts now, and where it is set. A stricter limit counts at "
            "once, a raised one 10 s later: `seqconsole undo` within that time takes it back. "
            "The value `default` forgets an own setting."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole limits                                  the default\n"
            '  seqconsole limits --device "Sales 3" --limit 40 --quiet 22:00-08:00\n'
            "  seqconsole limits --default --person-gap 24h\n"
            "  seqconsole limits --sequence Welcome --weight 2 --on-failure skip\n"
            '  seqconsole limits --device "Sales 3" --limit default'
        ),
    )
    for scope in LimitScope:
        if scope is not LimitScope.DEFAULT:
            metavar = "ID" if scope is LimitScope.STEP else "NAME"
            parser.add_argument(f"--{scope}", metavar=metavar, help=f"of this {scope}")
    parser.add_argument("--default", action="store_true", help="what counts where nothing is set")
    for option, (name, value, text) in OPTIONS.items():
        parser.add_argument(option, dest=f"limit_{name}", metavar=value, help=text)
    parser.add_argument("--yes", action="store_true", help="also above 80 an hour")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.add_argument("--now", action="store_true", help="without the 10 s before a send")
    parser.add_argument("--reason", help="why, for the journal")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_limits))


async def _subject(database: Database, args: argparse.Namespace) -> Subject:
    narrow = [s for s in LimitScope if s is not LimitScope.DEFAULT]
    named = [scope for scope in narrow if getattr(args, scope.value)]
    if len(named) + args.default > 1:
        raise UsageError("name one thing: --device, --user, --sequence, --step or --default")
    if not named:
        return DEFAULTS
    return await subject_of(database, named[0], getattr(args, named[0].value))


async def _limits(context: Context) -> int:
    args, database = context.args, context.database
    given = {n: v for n, _, _ in OPTIONS.values() if (v := getattr(args, f"limit_{n}")) is not None}
    subject = await _subject(database, args)
    if not given:
        return await _show(database, subject, args.json)
    if args.dry_run:
        preview = await preview_limits(database, subject, given)
        print_preview(preview, args.json)
        return LEFT if preview.refused else DONE
    done = await set_limits(
        database,
        context.settings.who,
        subject,
        given,
        reason=args.reason,
        now=args.now,
        confirmed=args.yes,
    )
    print_done(done, args.json)
    return DONE


async def _show(database: Database, subject: Subject, as_json: bool) -> int:
    found = await limits_in_force(database, subject)
    if as_json:
        print_json({"scope": subject.scope, "key": subject.key, "limits": found})
        return DONE
    print_line(f"limits of {subject.described}")
    print_table(("limit", "value", "set for"), [(f.name, f.value, f.source) for f in found])
    return DONE
