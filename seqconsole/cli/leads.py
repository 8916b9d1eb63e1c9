"""`seqconsole leads`: people into sequences by the word that stands with them in `leads`."""

from __future__ import annotations

import argparse
from uuid import UUID

from engine.enrolling.staging import staged_leads
from engine.operations.model import Scope
from engine.operations.targets import find
from seqconsole.cli.command import Commands, Context, with_database
from seqconsole.cli.enroll import carry_out, common_acts


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `leads`."""
    parser = commands.add_parser(
        "leads",
        parents=[common],
        help="let leads into a sequence by its trigger",
        description=(
            "Lets in the leads of the sequence's own user of whose words, between commas, one is the "
            "sequence's trigger: the whole word, in upper or lower case. COLD never lets COLDVITAC in. "
            "The word is taken from that one lead, its other words stay; undo puts it back. Who is in "
            "the sequence already, went through before or does not want messages is left out, and "
            "keeps the word. {niche} may stand in the texts."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole leads --sequence 'Cold 3' --dry-run\n"
            "  seqconsole leads --sequence 'Cold 3'\n"
            "  seqconsole leads --sequence 'Cold 3' --keep-trigger    # the leads stay as they are"
        ),
    )
    parser.add_argument("--sequence", required=True, metavar="NAME", help="its name or id")
    parser.add_argument("--keep-trigger", action="store_true", help="leave the leads' words alone")
    common_acts(parser)
    parser.set_defaults(run=with_database(_leads))


async def _leads(context: Context) -> int:
    args = context.args
    found = await find(context.database, Scope.SEQUENCE, [args.sequence])
    sequence = UUID(found.keys[0])
    async with staged_leads(context.database, sequence, looking=args.dry_run) as batch:
        return await carry_out(context, batch, keep_words=args.keep_trigger)
