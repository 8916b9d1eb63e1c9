"""What a database must have before seqconsole touches it: every object that does not fit, by name."""

from __future__ import annotations

from dataclasses import dataclass

from engine.store import Database, Refused

TYPES = {"int": "int", "bool": "boolean", "time": "timestamptz", "text": "text"}
"""What a column of a kind must become where its type does not fit."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that seqconsole relies on, as this database has it."""

    rel: str
    col: str
    kind: str
    has_table: bool
    is_table: bool
    type: str | None
    fits: bool | None
    naive: bool | None


@dataclass(frozen=True, slots=True)
class StatusCheck:
    """A CHECK constraint that would refuse one of our states."""

    rel: str
    name: str
    definition: str
    missing: list[str]


@dataclass(frozen=True, slots=True)
class Preflight:
    """The operator's tables, judged."""

    tables_found: frozenset[str]
    problems: tuple[str, ...]
    naive: bool

    @property
    def empty(self) -> bool:
        """None of the operator's tables exists here."""
        return not self.tables_found

    def raise_for_problems(self) -> None:
        """Refuse with each problem and the statement that mends it."""
        if self.problems:
            raise Refused("; ".join(self.problems))


async def inspect(database: Database) -> Preflight:
    """Read the catalogue; changes nothing."""
    async with database.transaction() as tx:
        columns = await tx.rows(Column, "adopt/columns")
        checks = await tx.rows(StatusCheck, "adopt/status_checks")
    problems = [line for column in columns if (line := _problem(column))]
    missing = sorted({c.rel for c in columns if not c.has_table})
    problems = [f"table {rel} is missing" for rel in missing] + problems
    problems += [
        f"constraint {c.name} on {c.rel} refuses {', '.join(c.missing)}: "
        f"alter table {c.rel} drop constraint {c.name}, and add it again with these states"
        for c in checks
    ]
    return Preflight(
        tables_found=frozenset(c.rel for c in columns if c.has_table),
        problems=tuple(problems),
        naive=any(c.naive for c in columns if c.rel in ("sequence_contacts", "broadcast_messages")),
    )


def _problem(column: Column) -> str | None:
    name = f"{column.rel}.{column.col}"
    if not column.has_table:
        return None
    if not column.is_table:
        return f"{column.rel} is not a table" if column.col == "id" else None
    if column.type is None:
        return f"column {name} is missing"
    if not column.fits:
        if column.kind == "uuid":
            return (
                f"{name} is {column.type}, not uuid: "
                f"alter table {column.rel} alter column {column.col} type uuid using {column.col}::text::uuid"
            )
        return (
            f"{name} is {column.type}: alter table {column.rel} "
            f"alter column {column.col} type {TYPES.get(column.kind, column.kind)}"
        )
    return None
