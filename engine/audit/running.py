"""Asks every check at one instant, in a transaction that can't write (DESIGN 8)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from engine.audit.checks import Check, all_checks, names_sql
from engine.audit.results import Result, State, answered
from engine.store import Access, Busy, Database, Refused, Rejected, Transaction

LIMIT = 80
"""Sends an hour and device, where neither the operator nor the throttle says otherwise (DESIGN 5)."""


NAMED = ("step_id", "sequence_id", "device_id")
"""Columns of examples whose ids have a name."""


@dataclass(frozen=True, slots=True)
class Options:
    """`limit`: sends an hour and device (None: each device's own). `timeout`: seconds a check may take.

    `zone` and `country` count only where the database declares none.
    """

    limit: int | None = None
    examples: int = 5
    timeout: int = 300
    zone: str = ""
    country: str = ""
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit works with. `assumed`: what the database does not say and was taken for granted."""

    now: datetime
    zone: str
    country: str
    adopted: bool
    sources: frozenset[str]
    columns: Mapping[str, Collection[str]]
    readable: Mapping[str, Collection[str]]
    assumed: tuple[str, ...]
    options: Options
    _tx: Transaction

    async def results(self) -> AsyncIterator[Result]:
        """Each check's answer as it comes."""
        for check in all_checks():
            if not self.options.names or check.name in self.options.names:
                yield await self._ask(check)

    async def names(self, results: Iterable[Result]) -> dict[str, str]:
        """What people call the steps, sequences and devices of these examples, as far as it can be read."""
        rows = [example for result in results for example in result.examples]
        ids = {str(row[kind]) for row in rows for kind in NAMED if row.get(kind)}
        if not ids:
            return {}
        try:
            found = await self._tx.alone(names_sql(self.sources), ids=sorted(ids))
        except (Busy, Refused, Rejected):
            return {}
        return {row["id"]: row["name"] for row in found}

    async def _ask(self, check: Check) -> Result:
        if lacking := check.lacks(self.columns):
            return Result(check, State.SKIPPED, why=f"not in this database: {', '.join(lacking)}")
        if lacking := check.lacks(self.readable):
            why = f"this role may not read {', '.join(lacking)}: grant select on it"
            return Result(check, State.UNFINISHED, why=why)
        started = time.monotonic()
        try:
            rows = await self._tx.alone(
                check.sql(self.sources),
                now=self.now,
                country=self.country,
                adopted=self.adopted,
                limit=self.options.limit,
                examples=self.options.examples,
            )
        except Busy as error:
            seconds = time.monotonic() - started
            late = seconds >= self.options.timeout
            why = f"not finished in {self.options.timeout} s" if late else str(error)
            return Result(check, State.UNFINISHED, seconds=seconds, why=why)
        except (Refused, Rejected) as error:
            seconds = time.monotonic() - started
            return Result(check, State.UNFINISHED, seconds=seconds, why=str(error))
        return answered(check, rows, time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the operator's tables."""

    rel: str
    col: str
    type: str
    readable: bool
    rows_hidden: bool


@dataclass(frozen=True, slots=True)
class Ours:
    """Which of our own tables are there."""

    adopted: bool
    settings: bool
    runs: bool
    limits: bool
    attempts: bool

    @property
    def sources(self) -> frozenset[str]:
        """Those that may be read, as `checks.OPTIONAL` names them."""
        given = {
            "runs": self.runs,
            "limits": self.limits,
            "doubts": self.attempts,
            "charges": self.attempts,
        }
        return frozenset(name for name, there in given.items() if there)


@dataclass(frozen=True, slots=True)
class Said:
    """What the database says of its clock; `country` only where it is adopted."""

    now: datetime
    zone: str | None
    country: str | None = None


@asynccontextmanager
async def audited(access: Access, options: Options) -> AsyncIterator[Audit]:
    """An audit of this database, ready to ask. Raises DatabaseUnavailable, Refused."""
    async with Database.open(access) as database:
        async with database.transaction(snapshot=True) as tx:
            clock = await tx.one(Said, "audit/clock")
            ours = await tx.one(Ours, "audit/ours")
            columns = await tx.rows(Column, "audit/columns")
            assert clock is not None
            assert ours is not None
            said = await tx.one(Said, "audit/declared") if ours.settings else None
        readable = _by_table(c for c in columns if c.readable)
        if not readable:
            raise Refused(
                f"{access.described}: no table of sequences can be read in schema {access.schema}"
            )
        zone = (said and said.zone) or options.zone or (clock.zone or "UTC")
        country = (said and said.country) or options.country
        database.zone = zone
        timeout = f"{options.timeout}s"
        async with database.transaction(snapshot=True, statement_timeout=timeout) as tx:
            await tx.run("audit/memory")
            now = (await tx.one(Said, "audit/declared" if said else "audit/clock")) or clock
            yield Audit(
                now=now.now,
                zone=zone,
                country=country,
                adopted=ours.adopted,
                sources=ours.sources | ({"devices"} if "user_devices" in readable else set()),
                columns=_by_table(columns),
                readable=readable,
                assumed=_assumed(columns, ours, said, options, zone),
                options=options,
                _tx=tx,
            )


def _by_table(columns: Iterable[Column]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for column in columns:
        found.setdefault(column.rel, set()).add(column.col)
    return found


def _assumed(
    columns: list[Column], ours: Ours, said: Said | None, options: Options, zone: str
) -> tuple[str, ...]:
    lines = []
    if any(c.type == "timestamp" for c in columns) and not (said and said.zone):
        source = "--timezone" if options.zone else "the server's own; --timezone names another"
        lines.append(f"times without a zone are read as {zone} ({source})")
    if not ((said and said.country) or options.country):
        lines.append(
            "no country is known: national numbers (0...) are compared as written; --country names it"
        )
    if ours.adopted and not ours.sources:
        lines.append("the engine's own records can't be read by this role and are left out")
    if hidden := sorted({c.rel for c in columns if c.rows_hidden}):
        lines.append(f"row-level security hides rows of {', '.join(hidden)} from this role")
    return tuple(lines)
