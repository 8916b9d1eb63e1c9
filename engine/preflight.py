"""What a database must have before seqconsole touches it: every object that does not fit, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engine.store import Database, Refused
from engine.store.sqlfiles import text

TYPES: Final = {
    "int": "int",
    "bool": "boolean",
    "time": "timestamptz",
    "text": "text",
    "uuid": "uuid",
}
"""What a column of a kind must become where it is missing or its type does not fit."""

USING: Final = {
    ("uuid", "number"): "lpad(to_hex({col}), 32, '0')::uuid",
    ("uuid", ""): "nullif({col}::text, '')::uuid",
    ("int", ""): "nullif({col}::text, '')::int",
    ("bool", ""): "{col}::text in ('1', 't', 'true', 'y', 'yes', 'on')",
    ("time", "number"): "to_timestamp({col})",
    ("time", ""): "nullif({col}::text, '')::timestamptz",
    ("text", ""): "{col}::text",
}
"""How values of a family of types become those of a kind; '': any other family."""

KINDS: Final = {
    "v": "a view",
    "m": "a materialized view",
    "f": "a foreign table",
    "S": "a sequence",
}


class Unfit(Refused):
    """The database can't be adopted as it is; `reasons` are all of them, each with what to run."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Column:
    """A column that seqconsole relies on, as this database has it."""

    rel: str
    col: str
    kind: str
    has_table: bool
    is_table: bool
    place: str | None
    type: str | None
    family: str | None
    default_value: str | None
    fits: bool | None
    naive: bool | None


@dataclass(frozen=True, slots=True)
class Table:
    """One of the operator's tables: what it is, whose, and whether row security hides rows of it."""

    rel: str
    kind: str
    owner: str
    role: str
    is_ours: bool
    hides_rows: bool
    place: str


@dataclass(frozen=True, slots=True)
class StatusCheck:
    """A CHECK constraint that would refuse one of our states."""

    rel: str
    name: str
    expression: str
    missing: list[str]


@dataclass(frozen=True, slots=True)
class Required:
    """A column of the queue that must have a value and would get none."""

    place: str
    rel: str
    col: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What this role may do in the database and in the operator's schema."""

    role: str
    database: str
    schema: str
    has_schema: bool
    may_use: bool
    may_index: bool
    may_create: bool
    owner: str | None
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Preflight:
    """The operator's tables, judged. `problems`: what does not fit; `rights`: what this role lacks."""

    tables_found: frozenset[str]
    problems: tuple[str, ...]
    rights: tuple[str, ...]
    naive: bool

    @property
    def empty(self) -> bool:
        """None of the operator's tables exists here."""
        return not self.tables_found

    def raise_for_problems(self) -> None:
        """Raise Unfit with each problem and the statement that mends it."""
        if reasons := self.rights + self.problems:
            raise Unfit(reasons)


async def inspect(database: Database) -> Preflight:
    """Read the catalogue; changes nothing."""
    async with database.transaction() as tx:
        rights = await tx.one(Rights, "adopt/rights", schema=database.access.schema)
        columns = await tx.rows(Column, "adopt/columns")
        tables = await tx.rows(Table, "adopt/tables")
        checks = await tx.rows(StatusCheck, "adopt/status_checks")
        required = await tx.rows(Required, "adopt/required_columns")
    found = frozenset(c.rel for c in columns if c.has_table)
    missing = sorted({c.rel for c in columns} - found)
    problems = [f"table {rel} is missing: {_create(rel)}" for rel in missing]
    problems += [line for table in tables if (line := _object(table))]
    problems += [line for column in columns if (line := _problem(column))]
    problems += [_required(column) for column in required]
    problems += [_widened(check) for check in checks]
    return Preflight(
        tables_found=found,
        problems=tuple(problems),
        rights=tuple(_lacking(rights, tables)),
        naive=any(c.naive for c in columns if c.rel in ("sequence_contacts", "broadcast_messages")),
    )


async def doubled_ids(database: Database) -> tuple[str, ...]:
    """Rows that a unique index on id would refuse, where a table has none; reads such a table whole."""
    problems = []
    for name, rel in (("contacts", "sequence_contacts"), ("messages", "broadcast_messages")):
        async with database.transaction(statement_timeout="10min") as tx:
            if await tx.value(f"adopt/{name}_have_id_index"):
                continue
            if rows := await tx.value(f"adopt/doubled_ids_of_{name}"):
                problems.append(
                    f"{rows} rows of {rel} have no id of their own: "
                    f"update {rel} t set id = gen_random_uuid() from (select ctid, "
                    f"row_number() over (partition by id order by ctid) as n from {rel}) d "
                    "where d.ctid = t.ctid and (d.n > 1 or t.id is null)"
                )
    return tuple(problems)


def _create(rel: str) -> str:
    """The statement that makes a table, as a new database gets it."""
    found = re.search(rf"^create table {rel} \(.*?^\);", text("operator_tables"), re.M | re.S)
    statement = " ".join(found[0].split()) if found else ""
    return re.sub(r" references \w+ \(id\)", "", statement.rstrip(";"))


def _object(table: Table) -> str | None:
    if table.kind == "p":
        return f"{table.rel} is a partitioned table: no index can be built on it without stopping writers"
    if table.kind != "r":
        what = KINDS.get(table.kind, "something else")
        return f"{table.rel} is {what}, not a table: the schema that has the table is named by --schema"
    if table.hides_rows:
        return (
            f"row security hides rows of {table.rel} from {table.role}: "
            f"alter table {table.place} disable row level security"
        )
    return None


def _problem(column: Column) -> str | None:
    name = f"{column.rel}.{column.col}"
    if not column.is_table:
        return None
    if column.type is None:
        return (
            f"column {name} is missing: "
            f"alter table {column.place} add column {column.col} {TYPES[column.kind]}"
        )
    if column.fits:
        return None
    return f"{name} is {column.type}, not {TYPES[column.kind]}: {_altered(column)}"


def _altered(column: Column) -> str:
    """The statement that gives a column the type that fits, its values and its default kept."""
    col, kind, default = column.col, column.kind, column.default_value
    using = USING.get((kind, column.family or "")) or USING[kind, ""]
    change = f"alter column {col} type {TYPES[kind]} using {using.format(col=col)}"
    if default is None:
        return f"alter table {column.place} {change}"
    literal = re.match(r"'(?:[^']|'')*'", default)
    kept = f", alter column {col} set default {literal[0]}" if literal and kind == "text" else ""
    return f"alter table {column.place} alter column {col} drop default, {change}{kept}"


def _required(column: Required) -> str:
    return (
        f"{column.rel}.{column.col} must have a value and would get none: "
        f"alter table {column.place} alter column {column.col} drop not null"
    )


def _widened(check: StatusCheck) -> str:
    states = ", ".join(f"'{state}'" for state in check.missing)
    return (
        f"constraint {check.name} on {check.rel} refuses {', '.join(check.missing)}: "
        f"alter table {check.rel} drop constraint {check.name}, add constraint {check.name} "
        f"check ({check.expression} or status in ({states})) not valid"
    )


def _lacking(rights: Rights | None, tables: list[Table]) -> list[str]:
    """What to grant to this role, each with the statement."""
    if rights is None:
        return []
    if not rights.has_schema:
        return [f"schema {rights.schema} does not exist: --schema names the schema of the tables"]
    lacking = []
    role = rights.role
    if not rights.may_use:
        lacking.append(
            f"{role} may not use the schema {rights.schema}: grant usage on schema {rights.schema} to {role}"
        )
    elif not rights.may_index:
        lacking.append(
            f"{role} may not build an index in the schema {rights.schema}: "
            f"grant create on schema {rights.schema} to {role}"
        )
    if not rights.may_create:
        lacking.append(
            f"{role} may not make the schema seqconsole: grant create on database {rights.database} to {role}"
        )
    if not rights.is_ours:
        lacking.append(
            f"the schema seqconsole belongs to {rights.owner}: grant {rights.owner} to {role}"
        )
    owners = sorted({table.owner for table in tables if not table.is_ours})
    for owner in owners:
        theirs = ", ".join(table.rel for table in tables if table.owner == owner)
        lacking.append(f"{theirs} belong to {owner}, not {role}: grant {owner} to {role}")
    return lacking
