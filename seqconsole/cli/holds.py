"""`seqconsole pause` and `seqconsole resume`: the operator's holds."""

from __future__ import annotations

import argparse

from engine.operations.holds import pause, resume
from engine.operations.model import Scope, Target
from engine.operations.previews import preview_resume
from engine.operations.targets import EVERYTHING, find
from engine.store import Database
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database

SCOPES = {
    Scope.DEVICE: "--device",
    Scope.SEQUENCE: "--sequence",
    Scope.CONTACT: "--contact",
    Scope.USER: "--user",
    Scope.HOST: "--host",
}


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `pause` and `resume`."""
    parser = commands.add_parser(
        "pause",
        parents=[common],
        help="stop sending: a device, a sequence, a contact, everything",
        description=(
            "When it returns, nothing more of what was named is sent but the messages it lists as "
            "in flight. Nothing is lost or failed by a pause."
        ),
        epilog=(
            "examples:\n"
            '  seqconsole pause --device "Sales 3" --reason "number under review"\n'
            "  seqconsole pause --sequence Welcome\n"
            "  seqconsole pause --all"
        ),
    )
    _add_target(parser)
    parser.set_defaults(run=with_database(_pause))
    parser = commands.add_parser(
        "resume",
        parents=[common],
        help="lift one's own pause, 10 s ahead",
        description=(
            "Lifts the operator's hold, 10 s ahead: `seqconsole undo` within that time takes it "
            "back with nothing sent. Breakers and offline devices stay held, and are named."
        ),
        epilog='examples:\n  seqconsole resume --device "Sales 3"\n  seqconsole resume --all --dry-run',
    )
    _add_target(parser)
    parser.add_argument("--now", action="store_true", help="without the 10 s before a send")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.set_defaults(run=with_database(_resume))


def _add_target(parser: argparse.ArgumentParser) -> None:
    for scope, option in SCOPES.items():
        what = "PHONE" if scope is Scope.CONTACT else "NAME"
        parser.add_argument(
            option, action="append", metavar=what, default=[], help=f"a {scope} by name or id"
        )
    parser.add_argument("--all", action="store_true", help="everything")
    parser.add_argument("--reason", help="why, for the journal and the screens")
    parser.add_argument("--json", action="store_true", help="for scripts")


async def _target(database: Database, args: argparse.Namespace) -> Target:
    named = [scope for scope in SCOPES if getattr(args, scope.value)]
    if len(named) + args.all != 1:
        raise UsageError(f"name one kind of thing: {', '.join(SCOPES.values())} or --all")
    if args.all:
        return EVERYTHING
    return await find(database, named[0], getattr(args, named[0].value))


async def _pause(context: Context) -> int:
    target = await _target(context.database, context.args)
    done = await pause(context.database, context.settings.who, target, context.args.reason)
    print_done(done, context.args.json)
    return DONE


async def _resume(context: Context) -> int:
    args = context.args
    target = await _target(context.database, args)
    if args.dry_run:
        print_preview(await preview_resume(context.database, target), args.json)
        return DONE
    done = await resume(context.database, context.settings.who, target, args.reason, now=args.now)
    print_done(done, args.json)
    return LEFT if done.refused or not done.n else DONE
