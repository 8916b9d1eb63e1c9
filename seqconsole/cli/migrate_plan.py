"""`seqconsole migrate --plan`: each step with its SQL, locks, time and reason, as a script for psql."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from engine.filling import PORTION
from engine.planning import Plan, Step
from engine.store import Access
from engine.store.sqlfiles import text
from seqconsole.cli.output import print_json, print_line


def print_plan(plan: Plan, access: Access, params: dict[str, str], *, as_json: bool) -> None:
    """Print the plan; `params` are the variables of the files."""
    if as_json:
        print_json([_as_json(step) for step in plan.steps])
        return
    if not plan.steps:
        print_line("-- nothing to apply")
        return
    if plan.fresh:
        print_line("-- no operator's table here: --fresh creates them first")
    for line in _script(plan, access, params):
        sys.stdout.write(f"{line}\n")


def _script(plan: Plan, access: Access, params: dict[str, str]) -> Iterator[str]:
    yield (
        f"-- {access.described}: {len(plan.steps)} steps, {_duration(plan.seconds)} on two cores that have "
        "nothing else to do."
    )
    yield "-- `seqconsole migrate` does this; it tries again where a lock is not had, and can be interrupted."
    yield f"\\set schema {_quoted(access.search_path)}"
    for name, value in params.items():
        yield f"\\set {name} {_quoted(value)}"
    yield text("session/migrate").strip()
    for number, step in enumerate(plan.steps, start=1):
        yield ""
        yield from _head(number, step)
        if step.portioned:
            yield from (f"--   {line}".rstrip() for line in step.sql.strip().splitlines())
        else:
            yield from _body(step)


def _head(number: int, step: Step) -> Iterator[str]:
    yield f"-- Step {number}: {step.name}" + (".sql" if step.checksum else "")
    yield f"-- why: {step.why}"
    yield f"-- locks: {step.locks}"
    rate = f" ({step.rows:,} rows, {step.rate:,} a second)" if step.rate else ""
    yield f"-- time: {_duration(step.seconds)}{rate}"
    if step.portioned:
        yield f"-- Only by `seqconsole migrate`: transactions of {PORTION:,} rows, from where the last ended."


def _body(step: Step) -> Iterator[str]:
    if step.transaction:
        yield "begin;"
    yield step.sql.strip()
    if step.number:
        yield f"\\set number {step.number}"
        yield f"\\set name {_quoted(f'migrations/{step.name}')}"
        yield f"\\set checksum {step.checksum}"
        yield text("adopt/record").strip()
    if step.transaction:
        yield "commit;"


def _quoted(value: str) -> str:
    """A value of psql's `\\set`."""
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _duration(seconds: int) -> str:
    """About how long, as people say it."""
    if seconds == 0:
        return "a moment"
    return f"about {seconds} s" if seconds < 120 else f"about {round(seconds / 60)} min"


def _as_json(step: Step) -> dict[str, object]:
    return {
        "number": step.number,
        "name": step.name,
        "why": step.why,
        "locks": [
            {"table": lock.table, "mode": lock.mode, "effect": lock.mode.effect}
            for lock in step.lock_list
        ],
        "locks_text": step.locks,
        "rows": step.rows,
        "rows_per_second": step.rate,
        "seconds": step.seconds,
        "transaction": step.transaction,
        "portions": step.portioned,
        "sql": step.sql,
    }
