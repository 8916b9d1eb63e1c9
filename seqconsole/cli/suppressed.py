"""`seqconsole suppressed`: who said stop; suppress a person, or lift it."""

from __future__ import annotations

import argparse

from engine.operations.lift import lift, preview_lift
from engine.operations.suppress import (
    HOLDER,
    Suppressed,
    list_suppressed,
    people,
    preview_suppress,
    suppress,
)
from engine.operations.wording import counted
from engine.phones import masked
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.cli.output import plain, print_json, print_line, print_table

MOST = 1000


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `suppressed`."""
    parser = commands.add_parser(
        "suppressed",
        parents=[common],
        help="who said stop: list, add, lift",
        description=(
            "Who is suppressed gets nothing more, in any sequence or campaign, under any spelling of "
            "the number, until an operator lifts it. Without --add or --lift: the list, the latest "
            "first. --add counts at once; --lift ends it 10 s ahead, and `seqconsole undo` within that "
            "time takes it back with nothing sent. Lift it only for who asked for it."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole suppressed\n"
            '  seqconsole suppressed --add +60123456789 --reason "asked by phone"\n'
            '  seqconsole suppressed --lift +60123456789 --reason "wrote that they want it again"\n'
            "  seqconsole suppressed --json --full-phones"
        ),
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--add", nargs="+", metavar="PHONE", help="suppress these people")
    how.add_argument("--lift", nargs="+", metavar="PHONE", help="write to these people again")
    parser.add_argument(
        "--limit", type=int, default=MOST, metavar="N", help=f"list so many ({MOST})"
    )
    parser.add_argument("--full-phones", action="store_true", help="phone numbers unmasked")
    parser.add_argument("--now", action="store_true", help="--lift without the 10 s before a send")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.add_argument("--reason", help="why, for the journal and the screens")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_suppressed))


async def _suppressed(context: Context) -> int:
    args = context.args
    if args.add:
        return await _add(context)
    if args.lift:
        return await _lift(context)
    if args.dry_run or args.now or args.reason:
        raise UsageError(
            "without --add or --lift it lists: --dry-run, --now and --reason are not for it"
        )
    if args.limit < 1:
        raise UsageError("--limit must be at least 1")
    found = await list_suppressed(context.database, args.limit)
    if args.json:
        print_json([_as_document(one, args.full_phones) for one in found], phones=args.full_phones)
        return DONE
    more = f"; the latest {args.limit}" if len(found) == args.limit else ""
    print_line(f"{counted(len(found), 'person', 'people')} suppressed{more}")
    print_table(
        ("phone", "since", "by", "reason"),
        [
            (_phone(o, args.full_phones), o.since, o.who or "a gateway's answer", o.reason)
            for o in found
        ],
    )
    return DONE


async def _add(context: Context) -> int:
    args, database = context.args, context.database
    if args.now:
        raise UsageError("--now is for --lift: --add counts at once")
    target = await people(database, args.add)
    preview = await preview_suppress(database, target)
    if args.dry_run:
        print_preview(preview, args.json)
        return DONE if preview.n else LEFT
    who = context.settings.who
    done = await suppress(database, who, target, pinned=preview.pinned, reason=args.reason)
    print_done(done, args.json)
    return DONE if done.n else LEFT


async def _lift(context: Context) -> int:
    args, database = context.args, context.database
    target = await people(database, args.lift)
    preview = await preview_lift(database, HOLDER, target)
    if args.dry_run:
        print_preview(preview, args.json)
        return DONE if preview.n else LEFT
    done = await lift(
        database,
        context.settings.who,
        HOLDER,
        target,
        pinned=preview.pinned,
        reason=args.reason,
        now=args.now,
    )
    print_done(done, args.json)
    return LEFT if done.refused or not done.n else DONE


def _phone(one: Suppressed, phones: bool) -> str:
    return f"+{one.key}" if phones else masked(one.key)


def _as_document(one: Suppressed, phones: bool) -> dict[str, object]:
    document: dict[str, object] = plain(one)
    return {**document, "key": one.key if phones else masked(one.key)}
