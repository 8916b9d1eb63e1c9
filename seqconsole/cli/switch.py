"""`seqconsole engine on|off`: the one switch in the database."""

from __future__ import annotations

import argparse

from engine.operations.engine_switch import engine_off, engine_on, preview_engine_on
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.gateway import gateway_is_configured


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `engine`."""
    parser = commands.add_parser(
        "engine",
        parents=[common],
        help="switch sending on or off, for every worker at once",
        description=(
            "The engine is off on a database until it is switched on. On is applied 10 s ahead; "
            "`seqconsole undo` within that time takes it back with nothing sent."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole engine on --dry-run     what would be sent\n"
            "  seqconsole engine on\n"
            '  seqconsole engine off --reason "maintenance"'
        ),
    )
    parser.add_argument("to", choices=("on", "off"), help="on waits 10 s, off acts at once")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.add_argument("--reason", help="why, for the journal")
    parser.add_argument("--now", action="store_true", help="without the 10 s before a send")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_engine))


async def _engine(context: Context) -> int:
    args, database = context.args, context.database
    configured = await gateway_is_configured(database, context.settings)
    if args.to == "off":
        if args.dry_run:
            raise UsageError("switching off sends nothing: there is no preview of it")
        done = await engine_off(database, context.settings.who, reason=args.reason)
    elif args.dry_run:
        preview = await preview_engine_on(database, gateway_configured=configured)
        print_preview(preview, args.json)
        return LEFT if preview.refused else DONE
    else:
        done = await engine_on(
            database,
            context.settings.who,
            reason=args.reason,
            now=args.now,
            gateway_configured=configured,
        )
    print_done(done, args.json)
    return DONE
