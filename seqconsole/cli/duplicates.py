"""`seqconsole duplicates`: list the groups, preview their resolution, resolve them."""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import asdict
from typing import Any

from engine.operations.resolve import ResolvePreview, preview_resolve, resolve
from engine.reader import Reader
from engine.views import DuplicateView
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import (
    DONE,
    LEFT,
    Commands,
    Context,
    UsageError,
    catch_up,
    with_database,
)
from seqconsole.cli.output import complain, plain, print_json, print_line, print_table
from seqconsole.text import mask_phone

ALL = 1_000_000
PORTIONS = 1000
_TAG = 12


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `duplicates`."""
    parser = commands.add_parser(
        "duplicates",
        parents=[common],
        help="contacts that have one step twice: list, preview, resolve",
        description=(
            "Groups of rows of one sequence, person and step. --resolve keeps one row of each, the "
            "survivor, and archives the others; `seqconsole undo` brings them back."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole duplicates                      the groups\n"
            "  seqconsole duplicates --dry-run            what --resolve would do, and why\n"
            "  seqconsole duplicates --resolve            all groups, as one operation\n"
            "  seqconsole duplicates --resolve --group 3f9c0a11b2d4\n\n"
            "exit code 1: groups are left."
        ),
    )
    parser.add_argument("--resolve", action="store_true", help="resolve them")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.add_argument(
        "--group", action="append", metavar="ID", help="only this group (may be repeated)"
    )
    parser.add_argument("--reason", help="why, for the journal")
    parser.add_argument("--now", action="store_true", help="without the 10 s before a send")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.add_argument("--full-phones", action="store_true", help="phone numbers unmasked")
    parser.set_defaults(run=with_database(_duplicates))


def group_id(group: DuplicateView) -> str:
    """A short name of a group that tells no phone number."""
    return key_id(group.key)


def key_id(key: str) -> str:
    """The short name of the group with this key."""
    return hashlib.sha256(key.encode()).hexdigest()[:_TAG]


def as_group(group: DuplicateView, phones: bool) -> dict[str, Any]:
    """A group as JSON shows it, its phone not yet masked."""
    shown = {"group": group_id(group), **asdict(group)}
    if not phones:
        del shown["key"]  # it holds the phone
    return shown


async def _duplicates(context: Context) -> int:
    await catch_up(context, PORTIONS)
    groups = await Reader(context.database).duplicates(limit=ALL)
    if context.args.group:
        groups = _named(groups, context.args.group)
    if context.args.resolve or context.args.dry_run:
        return await _resolve(context, groups)
    _list(context, groups)
    return LEFT if groups else DONE


def _named(groups: list[DuplicateView], wanted: list[str]) -> list[DuplicateView]:
    by_name = {group_id(group): group for group in groups} | {g.key: g for g in groups}
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise UsageError(f"there is no duplicate group {', '.join(unknown)}")
    return list({by_name[name].key: by_name[name] for name in wanted}.values())


def _list(context: Context, groups: list[DuplicateView]) -> None:
    phones = context.args.full_phones
    if context.args.json:
        print_json([as_group(group, phones) for group in groups], phones=phones)
        return
    if not groups:
        print_line("no duplicate groups")
        return
    print_table(
        ("group", "sequence", "step", "contact", "phone", "rows", "states", "since"),
        [
            (group_id(g), g.sequence_name, g.day_number, g.name,
             g.phone_key if phones else mask_phone(g.phone_key), g.rows, ", ".join(g.states), g.since)
            for g in groups
        ],
    )  # fmt: skip


def _preview(preview: ResolvePreview, args: argparse.Namespace) -> None:
    if args.json:
        document = plain(preview, phones=args.full_phones)
        for shown, group in zip(document["groups"], preview.groups, strict=True):
            shown["group"] = key_id(group.key)
            if not args.full_phones:
                del shown["key"]  # it holds the phone
                for row in shown["rows"]:
                    row.pop("phone", None)
        print_json(document, phones=True)  # what must be masked is
        return
    print_table(
        ("group", "sequence", "step", "contact", "rows", "keeps", "because", "result", "refused"),
        [
            (key_id(g.key), g.sequence_name, g.day_number, g.person, len(g.rows), g.survivor,
             g.rule, g.result, g.refusal)
            for g in preview.groups
        ],
    )  # fmt: skip
    print_preview(preview, as_json=False)


async def _resolve(context: Context, groups: list[DuplicateView]) -> int:
    args = context.args
    keys = [group.key for group in groups] if args.group else None
    if not groups:
        print_json({"n": 0}) if args.json else print_line("no duplicate groups")
        return DONE
    preview = await preview_resolve(context.database, keys)
    if args.dry_run:
        _preview(preview, args)
        return LEFT if preview.n or preview.refused else DONE
    if not preview.n:  # every group is refused: nothing to run, all is left
        for line in preview.refused:
            complain(f"refused: {line}")
        if args.json:
            print_json({"n": 0, "refused": preview.refused})
        return LEFT
    done = await resolve(
        context.database,
        context.settings.who,
        keys,
        pinned=preview.pinned,
        reason=args.reason,
        now=args.now,
    )
    print_done(done, args.json)
    if not args.json and not done.refused:
        await _offer_key(context)
    return LEFT if done.refused else DONE


async def _offer_key(context: Context) -> None:
    """Once no group is left the key can be built; resolving never builds it."""
    async with context.database.transaction() as tx:
        left = await tx.value("views/duplicate_count")
        if not left and not await tx.value("adopt/unique_key_exists"):
            print_line("no duplicate group is left: `seqconsole migrate` builds the unique key")
            print_line("  from then on undo leaves the archived rows in the archive")
