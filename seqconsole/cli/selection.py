"""The filters that the repairs share with the queue screen, and how a repair runs from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from uuid import UUID

from engine.operations.limit_values import span
from engine.operations.model import Scope
from engine.operations.repair import Repair, apply_repair, preview_repair
from engine.operations.repair_facts import Selection
from engine.operations.targets import find
from engine.store import Database
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Context, UsageError, catch_up
from seqconsole.cli.output import complain, print_json

PORTIONS = 1000


def add_filters(parser: argparse.ArgumentParser, states: Sequence[str] = ()) -> None:
    """The filters of the queue; `states` are those that --state may name (none: no such option)."""
    add = parser.add_argument_group("which (all given must match)").add_argument
    add("--device", action="append", metavar="NAME", default=[], help="by name or id")
    add("--sequence", action="append", metavar="NAME", default=[], help="by name or id")
    add("--phone", action="append", metavar="PHONE", default=[], help="a person, in any spelling")
    add("--error", metavar="TEXT", help="the error holds this text")
    add("--older-than", metavar="24h", help="due for longer than that")
    if states:
        shown = ", ".join(states)
        add("--state", action="append", metavar="STATE", default=[], help=f"of {shown}")
    add(
        "--ids",
        nargs="+",
        metavar="ID",
        default=[],
        help="these messages or contact rows; stands alone",
    )
    add("--all", action="store_true", help="all that match the other filters, or all there are")


def add_act(parser: argparse.ArgumentParser, *, sends: bool = True) -> None:
    """What every repair takes besides its filters."""
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    if sends:
        parser.add_argument("--now", action="store_true", help="without the 10 s before a send")
    parser.add_argument("--reason", help="why, for the journal")
    parser.add_argument("--json", action="store_true", help="for scripts")


async def selection_of(
    database: Database, args: argparse.Namespace, allowed: Sequence[str] = ()
) -> Selection:
    """What the line selects. Raises UsageError, NotFound, Ambiguous."""
    states = tuple(getattr(args, "state", ()))
    for state in states:
        if allowed and state not in allowed:
            raise UsageError(f"--state is one of {', '.join(allowed)}, not {state!r}")
    filters = [args.device, args.sequence, args.phone, args.error, args.older_than, states]
    if args.ids:
        if any(filters):
            raise UsageError("--ids stands alone: name no filter with it")
        return Selection(ids=tuple(_id(text) for text in args.ids))
    if not any(filters) and not args.all:
        raise UsageError("name what is meant: a filter, --ids or --all")
    return Selection(
        devices=await _ids(database, Scope.DEVICE, args.device),
        sequences=await _ids(database, Scope.SEQUENCE, args.sequence),
        phones=await _phones(database, args.phone),
        error=args.error,
        older=span(args.older_than) if args.older_than else None,
        states=states or None,
    )


async def run_repair(context: Context, repair: Repair, selection: Selection) -> int:
    """Preview, and unless it is a dry run do exactly that."""
    args = context.args
    await catch_up(context, PORTIONS)
    preview = await preview_repair(context.database, repair, selection)
    if args.dry_run:
        print_preview(preview, args.json)
        return LEFT if preview.refused or not preview.steps else DONE
    if not preview.steps:
        return _nothing(preview.refused, args.json)
    done = await apply_repair(
        context.database,
        context.settings.who,
        repair,
        selection,
        pinned=preview.pinned,
        reason=args.reason,
        now=getattr(args, "now", False),
    )
    print_done(done, args.json)
    return LEFT if done.refused else DONE


def _nothing(refused: Sequence[str], as_json: bool) -> int:
    """Nothing matched, or all of it is refused: each reason once."""
    if as_json:
        print_json({"n": 0, "refused": list(refused)})
    for line in refused:
        complain(f"refused: {line}")
    if not refused:
        complain("nothing matches")
    return LEFT


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"{text!r} is no id of a message or contact row") from None


async def _ids(database: Database, scope: Scope, names: Sequence[str]) -> tuple[UUID, ...] | None:
    if not names:
        return None
    return tuple(UUID(key) for key in (await find(database, scope, names)).keys)


async def _phones(database: Database, phones: Sequence[str]) -> tuple[str, ...] | None:
    return (await find(database, Scope.CONTACT, phones)).keys if phones else None
