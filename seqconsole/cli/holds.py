"""`seqconsole pause` and `seqconsole resume`: the operator's holds."""

from __future__ import annotations

import argparse

from engine.operations.backlog import Mode, Pace, preview_overdue, release_overdue
from engine.operations.holds import pause, resume
from engine.operations.limit_values import span
from engine.operations.model import Scope, Target
from engine.operations.resuming import preview_resume
from engine.operations.stale import count_stale, skip_stale
from engine.operations.targets import EVERYTHING, find
from engine.operations.wording import counted
from engine.store import Database
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.cli.output import print_line

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
    add_target(parser)
    parser.set_defaults(run=with_database(_pause))
    parser = commands.add_parser(
        "resume",
        parents=[common],
        help="lift one's own pause, 10 s ahead",
        description=(
            "Lifts the operator's hold, 10 s ahead: `seqconsole undo` within that time takes it "
            "back with nothing sent. Breakers and offline devices stay held, and are named. What "
            "became due during a pause of more than 5 minutes is spread at half of each device's "
            "rate, where it is much; what was due before keeps its time and its turn. --dry-run "
            "says how each way would go."
        ),
        epilog=(
            "examples:\n"
            '  seqconsole resume --device "Sales 3"\n'
            "  seqconsole resume --all --dry-run\n"
            "  seqconsole resume --all --spread 2h\n"
            "  seqconsole resume --overdue        what was late when the engine was switched on"
        ),
    )
    add_target(parser)
    parser.add_argument("--overdue", action="store_true", help="messages parked as overdue")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--spread", nargs="?", const="", metavar="2h", help="spread all that is due, over so long"
    )
    how.add_argument("--at-full-rate", action="store_true", help="as fast as the limits let it")
    parser.add_argument(
        "--skip-older", metavar="24h", help="first skip what is due for longer than that"
    )
    parser.add_argument("--now", action="store_true", help="without the 10 s before a send")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.set_defaults(run=with_database(_resume))


def add_target(parser: argparse.ArgumentParser) -> None:
    """The options that name what is held."""
    for scope, option in SCOPES.items():
        what = "PHONE" if scope is Scope.CONTACT else "NAME"
        parser.add_argument(
            option, action="append", metavar=what, default=[], help=f"a {scope} by name or id"
        )
    parser.add_argument("--all", action="store_true", help="everything")
    parser.add_argument("--reason", help="why, for the journal and the screens")
    parser.add_argument("--json", action="store_true", help="for scripts")


async def target_of(database: Database, args: argparse.Namespace) -> Target:
    """What the options name: one kind of thing. Raises UsageError, NotFound, Ambiguous."""
    named = [scope for scope in SCOPES if getattr(args, scope.value)]
    if len(named) + args.all != 1:
        raise UsageError(f"name one kind of thing: {', '.join(SCOPES.values())} or --all")
    if args.all:
        return EVERYTHING
    return await find(database, named[0], getattr(args, named[0].value))


async def _pause(context: Context) -> int:
    target = await target_of(context.database, context.args)
    done = await pause(context.database, context.settings.who, target, context.args.reason)
    print_done(done, context.args.json)
    return DONE


def _pace(args: argparse.Namespace) -> Pace | None:
    """How the backlog goes; None where the line does not say."""
    if args.at_full_rate:
        return Pace(Mode.FULL)
    if args.spread is None:
        return None
    return Pace(Mode.SPREAD, span(args.spread) if args.spread else None)


async def _skip_older(context: Context, target: Target) -> None:
    """Skip what is too old, as an operation of its own, before the rest is set free."""
    args, older = context.args, span(context.args.skip_older)
    if target.scope is Scope.CONTACT:
        raise UsageError("--skip-older skips for a device, sequence, user, host or --all")
    if args.dry_run:
        n = await count_stale(context.database, target, older, parked=args.overdue)
        if not args.json:
            print_line(f"{counted(n, 'message')} older than {older} would be skipped first")
        return
    who = context.settings.who
    done = await skip_stale(
        context.database, who, target, older, reason=args.reason, parked=args.overdue
    )
    if not args.json:
        print_done(done, as_json=False)


async def _resume_overdue(context: Context) -> int:
    args, pace = context.args, _pace(context.args) or Pace()
    if args.all or any(getattr(args, scope.value) for scope in SCOPES):
        raise UsageError("--overdue releases all that is parked: name nothing else with it")
    if args.skip_older:
        await _skip_older(context, EVERYTHING)
    if args.dry_run:
        print_preview(await preview_overdue(context.database, pace.length), args.json)
        return DONE
    done = await release_overdue(
        context.database, context.settings.who, pace, reason=args.reason, now=args.now
    )
    print_done(done, args.json)
    return DONE if done.n else LEFT


async def _resume(context: Context) -> int:
    args = context.args
    if args.overdue:
        return await _resume_overdue(context)
    target = await target_of(context.database, args)
    if args.skip_older:
        await _skip_older(context, target)
    if args.dry_run:
        print_preview(await preview_resume(context.database, target, _pace(args)), args.json)
        return DONE
    who, pace = context.settings.who, _pace(args)
    done = await resume(context.database, who, target, args.reason, now=args.now, pace=pace)
    print_done(done, args.json)
    return LEFT if done.refused or not done.n else DONE
