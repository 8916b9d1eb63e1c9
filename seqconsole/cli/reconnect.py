"""`seqconsole reconnect`: let a gateway connect a device to WhatsApp anew."""

from __future__ import annotations

import argparse

from engine.operations.model import Scope
from engine.operations.reconnect import preview_reconnect, reconnect
from engine.operations.targets import find
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.gateway import open_gateway


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `reconnect`."""
    parser = commands.add_parser(
        "reconnect",
        parents=[common],
        help="let a gateway connect a device to WhatsApp anew",
        description=(
            "For a device that its gowa host reports as offline. The call sends nothing; it is kept "
            "in the journal. Once the device is logged in, what waits for it goes on. A device that "
            "is logged out needs its code scanned at the gateway. Exit 1: not all are logged in."
        ),
        epilog=(
            "examples:\n"
            '  seqconsole reconnect --device "Sales 3"\n'
            '  seqconsole reconnect --device "Sales 3" --device "Sales 4" --reason "router restarted"'
        ),
    )
    parser.add_argument(
        "--device", action="append", default=[], required=True, metavar="NAME", help="by name or id"
    )
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.add_argument("--reason", help="why, for the journal")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.add_argument("--gateway-url", metavar="URL", help="the simulated gateway of a demo")
    parser.set_defaults(run=with_database(_reconnect))


async def _reconnect(context: Context) -> int:
    args, database, settings = context.args, context.database, context.settings
    target = await find(database, Scope.DEVICE, args.device)
    if args.dry_run:
        print_preview(preview_reconnect(target), args.json)
        return DONE
    if settings.read_only:
        raise UsageError("a reconnect is kept in the journal: --read-only is not for it")
    gateway = await open_gateway(database, settings)
    try:
        done = await reconnect(database, settings.who, gateway, target, reason=args.reason)
    finally:
        await gateway.close()
    print_done(done, args.json)
    return DONE if done.n == len(target.keys) else LEFT
