"""`seqconsole holds`: every reason not to send, and lifting those that no `resume` lifts."""

from __future__ import annotations

import argparse

from engine.operations.lift import Hold, lift, list_holds, preview_lift, summed_up
from engine.operations.model import Scope
from engine.phones import masked
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.cli.holds import SCOPES, add_target, target_of
from seqconsole.cli.output import plain, print_json, print_line, print_table


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `holds`."""
    parser = commands.add_parser(
        "holds",
        parents=[common],
        help="what is held, by whom, until when; lift a breaker",
        description=(
            "Without --lift: every hold in force. --lift ends the holds of a breaker, a gateway or "
            "whoever is named, 10 s ahead: `seqconsole undo` within that time takes it back with "
            "nothing sent. Mend the cause first: else the engine puts the hold again. An operator's "
            "own pause is lifted by `seqconsole resume`."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole holds\n"
            "  seqconsole holds --lift breaker --host main --dry-run\n"
            '  seqconsole holds --lift breaker --device "Sales 3" --reason "mapped again"'
        ),
    )
    parser.add_argument("--lift", metavar="HOLDER", help="end the holds of this holder")
    add_target(parser)
    parser.add_argument("--full-phones", action="store_true", help="phone numbers unmasked")
    parser.add_argument("--now", action="store_true", help="without the 10 s before a send")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.set_defaults(run=with_database(_holds))


async def _holds(context: Context) -> int:
    args = context.args
    if args.lift is not None:
        return await _lift(context)
    if args.all or args.dry_run or args.now or any(getattr(args, scope.value) for scope in SCOPES):
        raise UsageError("without --lift HOLDER it lists all holds: name nothing with it")
    found = await list_holds(context.database)
    if args.json:
        print_json([_as_document(hold, args.full_phones) for hold in found])
        return DONE
    print_line(summed_up(found))
    print_table(
        ("scope", "name", "holder", "for", "since", "until", "reason"),
        [
            (h.scope, _name(h, args.full_phones), h.holder, "new contacts" if h.cold_only else "all",
             h.since, h.until or "no end", h.reason)
            for h in found
        ],
    )  # fmt: skip
    return DONE


async def _lift(context: Context) -> int:
    args, database = context.args, context.database
    target = await target_of(database, args)
    preview = await preview_lift(database, args.lift, target)
    if args.dry_run:
        print_preview(preview, args.json)
        return DONE if preview.n else LEFT
    done = await lift(
        database,
        context.settings.who,
        args.lift,
        target,
        pinned=preview.pinned,
        reason=args.reason,
        now=args.now,
    )
    print_done(done, args.json)
    return LEFT if done.refused or not done.n else DONE


def _key(hold: Hold, phones: bool) -> str:
    return masked(hold.key) if hold.scope == Scope.CONTACT and not phones else hold.key


def _name(hold: Hold, phones: bool) -> str:
    return hold.name or _key(hold, phones) or "everything"


def _as_document(hold: Hold, phones: bool) -> dict[str, object]:
    document: dict[str, object] = plain(hold)
    return {**document, "key": _key(hold, phones), "name": _name(hold, phones)}
