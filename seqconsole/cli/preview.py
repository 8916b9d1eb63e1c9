"""`seqconsole preview`: the texts of a sequence as a person would get them."""

from __future__ import annotations

import argparse
from uuid import UUID

from engine.operations.model import Scope
from engine.operations.targets import NotFound, find
from engine.phones import masked
from engine.rendering import Rendered, Rendering, render_sequence, without_phone
from seqconsole.cli.command import DONE, LEFT, Commands, Context, with_database
from seqconsole.cli.output import print_json, print_line
from seqconsole.text import harmless


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `preview`."""
    parser = commands.add_parser(
        "preview",
        parents=[common],
        help="the texts of a sequence, with the values of a contact",
        description=(
            "Shows each step's text as it would be sent: {name}, {first_name}, {phone} and columns "
            "that came with an enrolment are filled in, {city|your town} falls back to `your town`. "
            "A number that a phone book added to a name (Aqil 1) is left out. A step whose text "
            "can't be filled in is never sent: it waits, and this says why. Changes nothing."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole preview --sequence Welcome\n"
            "  seqconsole preview --sequence Welcome --phone +60123456789 --json\n\n"
            "exit code 1: a text can't be sent as it is"
        ),
    )
    parser.add_argument("--sequence", required=True, metavar="NAME", help="its name or id")
    parser.add_argument("--phone", metavar="PHONE", help="for this contact, in any spelling")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_preview))


async def _preview(context: Context) -> int:
    args = context.args
    found = await find(context.database, Scope.SEQUENCE, [args.sequence])
    made = await render_sequence(context.database, UUID(found.keys[0]), args.phone)
    if made is None:
        raise NotFound(f"{masked(args.phone)} is in no row of sequence {found.names[0]}")
    made = without_phone(made)
    if args.json:
        print_json(made)
    else:
        for line in lines(found.names[0], made):
            print_line(line)
    return LEFT if any(s.problem for s in made.steps) or not made.steps else DONE


def lines(name: str, made: Rendering) -> list[str]:
    """The texts, for people; the phone is masked."""
    person = "somebody without a name" if made.phone is None else harmless(masked(made.phone))
    said = [f"{harmless(name)}, for {person}"]
    if not made.steps:
        return [*said, "  it has no steps"]
    for step in made.steps:
        said += ["", f"day {step.day_number}, {_wait(step)}, {harmless(step.message_type)}"]
        if step.problem is not None:
            said.append(f"  not sent: {harmless(step.problem)}")
        said += [f"  {harmless(line, 1000)}" for line in (step.text or step.raw or "").split("\n")]
        if step.media_url:
            said.append(f"  with {harmless(step.media_url)}")
    return said


def _wait(step: Rendered) -> str:
    if step.delay_hours is None:
        return "after 24 h (none set)"
    return f"after {step.delay_hours} h" if step.delay_hours else "at once"
