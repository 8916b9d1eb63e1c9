"""`seqconsole replies`: what a reply does, and the words that mean stop."""

from __future__ import annotations

import argparse
from uuid import UUID

from engine.operations.model import Scope
from engine.operations.reply_settings import (
    OnReply,
    ReplyChange,
    preview_replies,
    read_language,
    read_words,
    reply_settings,
    set_replies,
)
from engine.operations.targets import find
from engine.reader import Reader
from engine.store import Database
from seqconsole.cli.acts import print_done, print_preview
from seqconsole.cli.command import DONE, LEFT, Commands, Context, UsageError, with_database
from seqconsole.cli.output import print_json, print_line, print_table

ACTS = {"go-on": OnReply.GO_ON, "pause": OnReply.PAUSE, "end": OnReply.END, "default": None}


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `replies`."""
    parser = commands.add_parser(
        "replies",
        parents=[common],
        help="what a reply does, and the words that mean stop",
        description=(
            "Without a change: how many replied to each sequence, what a reply does there, and the "
            "words that mean stop. A reply that is one of these words suppresses the person "
            "everywhere. Any other lets the sequence go on, pauses it for that person, or ends it "
            "for that person. A change counts for the replies from now on; `seqconsole undo` takes "
            "it back. Who is paused goes on with `seqconsole holds --lift reply --contact PHONE`."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole replies\n"
            "  seqconsole replies --sequence Welcome --on-reply pause\n"
            "  seqconsole replies --on-reply end                        where a sequence says nothing\n"
            "  seqconsole replies --sequence Welcome --on-reply default\n"
            '  seqconsole replies --language ms --words "berhenti, henti, jangan hantar lagi"'
        ),
    )
    parser.add_argument("--sequence", metavar="NAME", help="a sequence by name or id")
    parser.add_argument("--on-reply", choices=list(ACTS), help="what a reply does")
    parser.add_argument("--language", metavar="ms", help="whose words --words sets")
    parser.add_argument("--words", metavar="WORD,...", help="the words that mean stop, or none")
    parser.add_argument("--dry-run", action="store_true", help="only the preview; changes nothing")
    parser.add_argument("--reason", help="why, for the journal")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_replies))


async def _replies(context: Context) -> int:
    args, database = context.args, context.database
    change = await _change(database, args)
    if change is None:
        if args.dry_run or args.reason:
            raise UsageError("nothing to change was named: --on-reply, or --language with --words")
        return await _show(database, args.json)
    preview = await preview_replies(database, change)
    if args.dry_run:
        print_preview(preview, args.json)
        return DONE if preview.n else LEFT
    who = context.settings.who
    done = await set_replies(database, who, change, pinned=preview.pinned, reason=args.reason)
    print_done(done, args.json)
    return DONE


async def _change(database: Database, args: argparse.Namespace) -> ReplyChange | None:
    """What the line changes; None: it only looks. Raises UsageError, OperationRefused."""
    if (args.words is None) != (args.language is None):
        raise UsageError("--language and --words go together")
    if args.words is not None:
        if args.on_reply or args.sequence:
            raise UsageError("words are the same for every sequence: set them alone")
        return ReplyChange(language=read_language(args.language), words=read_words(args.words))
    if args.on_reply is None:
        if args.sequence:
            raise UsageError("--sequence needs --on-reply")
        return None
    if args.sequence is None:
        if args.on_reply == "default":
            raise UsageError("--on-reply default is for a sequence: it forgets its own")
        return ReplyChange(act=ACTS[args.on_reply])
    target = await find(database, Scope.SEQUENCE, [args.sequence])
    return ReplyChange(UUID(target.keys[0]), target.names[0], ACTS[args.on_reply])


async def _show(database: Database, as_json: bool) -> int:
    settings = await reply_settings(database)
    sequences = await Reader(database).sequences()
    rows = [
        (s.name, s.delivered, s.read, s.replies, settings.sequences.get(s.id)) for s in sequences
    ]
    if as_json:
        keys = ("name", "delivered", "read", "replies", "on_reply")
        print_json(
            {
                "on_reply": settings.default.value,
                "stop_words": settings.words,
                "sequences": [
                    {"id": s.id, **dict(zip(keys, row, strict=True))}
                    for s, row in zip(sequences, rows, strict=True)
                ],
            }
        )
        return DONE
    print_line(f"a reply: {settings.default.value}, where the sequence says nothing else")
    for language, words in sorted(settings.words.items()):
        print_line(f"stop ({language}): {', '.join(words)}")
    print_line()
    print_table(("sequence", "delivered", "read", "replies", "a reply"), rows)
    return DONE
