"""Runs the checks, one after the other, each in a read-only transaction with a limit of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from engine.doctor.findings import zone as zone_finding
from engine.doctor.findings.columns import COLUMNS
from engine.doctor.model import Check, Example, Finding, Report, Skipped
from engine.doctor.registry import CHECKS, recorded
from engine.preflight import inspect
from engine.store import Busy, Database, Refused
from engine.store.errors import Rejected

PATIENCE: Final = "60s"
"""How long one check may take."""

EXAMPLES: Final = 5
"""How many cases of a finding are shown."""

SENT: Final = ("sent", "success", "delivered")
DOUBTFUL: Final = ("processing", "queued", "sending")
KNOWN: Final = (*SENT, *DOUBTFUL, "pending", "failed", "error", "skipped", "cancelled", "expired")
"""Statuses of messages before `migrate`; afterwards they are those of `seqconsole.codes`."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the checks read by."""

    now: datetime
    ours: bool = False
    zone: str = ""
    country: str = ""
    sent: Sequence[str] = SENT
    doubtful: Sequence[str] = DOUBTFUL
    known: Sequence[str] = KNOWN


@dataclass(frozen=True, slots=True)
class _Case:
    """A row of a check's query."""

    total: int
    ids: list[str]
    phone: str | None
    detail: str | None
    statement: str | None


async def examine(
    database: Database,
    *,
    zone: str = "",
    country: str = "",
    patience: str = PATIENCE,
    examples: int = EXAMPLES,
    report: Callable[[str], None] = lambda _: None,
) -> Report:
    """Look at everything; changes nothing, and needs no more than SELECT.

    `zone` and `country` count where the database declares none; without both, the zone is the one that
    the data suggest. `report` hears the title of each
    check before it runs. Raises Refused where none of the operator's tables is here, DatabaseUnavailable.
    """
    start = time.monotonic()
    database = copy(database)  # the zone that we read by is nobody else's
    found = await inspect(database)
    if found.empty:
        raise Refused(
            f"{database.access.described} has none of the operator's tables: wrong database"
        )
    facts = await _facts(database, zone, country)
    declared, database.zone = facts.zone, facts.zone or zone or "UTC"
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    if problems := COLUMNS.cases(found.problems):
        findings.append(Finding(COLUMNS.check, len(problems), tuple(problems[:examples])))
    params = {
        "now": facts.now, "declared": declared, "country": facts.country or country, "limit": examples,
        "sent": list(facts.sent), "doubtful": list(facts.doubtful), "known": list(facts.known),
    }  # fmt: skip
    for check in await _checks(database, facts.ours):
        report(check.title)
        result = await _run(database, check, params, adopted=facts.ours, patience=patience)
        if isinstance(result, Skipped):
            skipped.append(result)
        elif result is not None:
            findings.append(result)
            if check is zone_finding.CHECK and not (declared or zone):
                database.zone = zone_finding.suggested(result) or "UTC"
    return Report(
        at=facts.now,
        adopted=facts.ours,
        zone=database.zone,
        country=facts.country or country,
        findings=tuple(findings),
        skipped=tuple(skipped),
        seconds=time.monotonic() - start,
    )


async def _facts(database: Database, zone: str, country: str) -> _Facts:
    async with database.transaction(snapshot=True) as tx:
        facts = (await tx.rows(_Facts, "doctor/facts"))[0]
        if not facts.ours:
            return facts
        return replace(facts, **(await tx.dicts("doctor/declared"))[0])


async def _checks(database: Database, ours: bool) -> list[Check]:
    if not ours:
        return [check for check in CHECKS if not check.ours]
    async with database.transaction(snapshot=True) as tx:
        kinds = [str(row["kind"]) for row in await tx.dicts("doctor/recorded_kinds")]
    return [*CHECKS, *(recorded(kind) for kind in kinds)]


async def _run(
    database: Database, check: Check, params: dict[str, Any], *, adopted: bool, patience: str
) -> Finding | Skipped | None:
    try:
        async with database.transaction(snapshot=True, statement_timeout=patience) as tx:
            await tx.run("doctor/session")
            cases = await tx.rows(_Case, check.query(adopted), **params, **check.params)
    except Busy as busy:
        if "statement timeout" in str(busy):
            return Skipped(check, f"not finished in {patience}")
        return Skipped(check, str(busy))
    except (Refused, Rejected) as error:
        return Skipped(check, str(error))
    if not cases:
        return None
    shown = (Example(tuple(c.ids), c.phone, c.detail, c.statement) for c in cases)
    return Finding(check, cases[0].total, tuple(shown))
