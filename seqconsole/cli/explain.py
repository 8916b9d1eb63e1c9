"""`seqconsole explain`: why a thing is not being sent, gate by gate."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from uuid import UUID

from engine.operations.model import Scope
from engine.operations.targets import NotFound, find
from engine.reader import GateView, Reader
from engine.store import Database
from seqconsole.cli.command import DONE, Commands, Context, catch_up, with_database
from seqconsole.cli.output import print_json, print_line, print_table

PORTIONS = 1000


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `explain`."""
    parser = commands.add_parser(
        "explain",
        parents=[common],
        help="why a contact row, message, device or sequence sends or does not",
        description=(
            "Every gate in order: open or closed, its value, and when it opens. A dash: the gate "
            "does not apply yet. Closed without a time: an act opens it, or nobody knows when."
        ),
        epilog=(
            "examples:\n"
            '  seqconsole explain "Sales 3"\n'
            "  seqconsole explain 6f0a52c1-6d0e-4a52-9f8e-0d4b6f1f6d55 --json"
        ),
    )
    parser.add_argument("thing", metavar="ID", help="an id, or the name of a device or sequence")
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=with_database(_explain))


async def _explain(context: Context) -> int:
    await catch_up(context, PORTIONS)
    kind, found, gates = await _gates(context.database, context.args.thing)
    closed = [gate for gate in gates if gate.passes is False]
    if context.args.json:
        print_json({"kind": kind, "id": found, "open": not closed, "gates": gates})
        return DONE
    print_line(f"{kind} {found}: {'closed' if closed else 'open'}")
    print_table(
        ("gate", "now", "because", "opens"),
        [(gate.name, _verdict(gate), gate.value, gate.opens_at) for gate in gates],
    )
    return DONE


async def _gates(database: Database, text: str) -> tuple[str, UUID, list[GateView]]:
    """What the text means, and its gates. Raises NotFound or Ambiguous."""
    reader = Reader(database)
    kinds: dict[str, Callable[[UUID], Awaitable[list[GateView]]]] = {
        "contact": reader.explain_contact,
        "message": reader.explain_message,
        "device": reader.explain_device,
        "sequence": reader.explain_sequence,
    }
    try:
        asked = UUID(text)
    except ValueError:
        kind, asked = await _named(database, text)
        return kind, asked, await kinds[kind](asked)
    for kind, explain in kinds.items():
        if gates := await explain(asked):
            return kind, asked, gates
    raise NotFound(f"there is no contact row, message, device or sequence {text}")


async def _named(database: Database, text: str) -> tuple[str, UUID]:
    for scope in (Scope.DEVICE, Scope.SEQUENCE):
        try:
            target = await find(database, scope, [text])
        except NotFound:
            continue
        return scope.value, UUID(target.keys[0])
    raise NotFound(f"there is no device or sequence {text!r}")


def _verdict(gate: GateView) -> str | None:
    return None if gate.passes is None else "open" if gate.passes else "closed"
