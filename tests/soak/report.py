"""What a soak came to, as figures."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.soak.crew import Counts, Crew
from tests.soak.load import query

if TYPE_CHECKING:
    from tests.soak.harness import Soak


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run. Times in seconds; `..._percent` of the kills of workers."""

    plan: dict[str, Any]
    seconds: float
    worker_kills: int
    kills_by_phase: Counts
    between_claim_and_settle_percent: float
    postgresql_kills: int
    faults: Counts
    stops: int
    ended_by_themselves: Counts
    exit_codes_at_the_end: Counts
    on_the_wire: int
    attempts: Counts
    unknown: int
    unknown_percent: float
    unknown_by_cause: Counts
    unknown_sent_after_all: int
    left_in_flight: int
    postgresql_start: Counts | dict[str, float]
    recovery: dict[str, float]
    violated_in_the_database: Counts
    violated_on_the_wire: dict[str, list[Any]]

    @property
    def clean(self) -> bool:
        """No violation by either judge, and nothing left without an outcome."""
        return not (
            self.violated_in_the_database or self.violated_on_the_wire or self.left_in_flight
        )


def figures(
    soak: Soak,
    crew: Crew,
    seconds: float,
    codes: Counts,
    on_the_wire: int,
    broken: Counts,
    wire: dict[str, list[Any]],
) -> Report:
    """Gather the report from the run and its database."""
    kills = len(crew.kills)
    causes = _causes(soak, crew)
    unknown = sum(causes.values())
    proven = sum(k.between_claim_and_settle for k in crew.kills)
    return Report(
        plan=asdict(soak.plan),
        seconds=round(seconds, 1),
        worker_kills=kills,
        kills_by_phase=dict(Counter(k.phase for k in crew.kills).most_common()),
        between_claim_and_settle_percent=_percent(proven, kills),
        postgresql_kills=len(soak.ups),
        faults=dict(soak.faults),
        stops=crew.stops,
        ended_by_themselves=crew.ended,
        exit_codes_at_the_end=codes,
        on_the_wire=on_the_wire,
        attempts=dict(
            query(
                soak.dsn,
                "SELECT coalesce(outcome, 'none'), count(*) FROM seqconsole.attempts GROUP BY 1",
            )
        ),
        unknown=unknown,
        unknown_percent=_percent(unknown, kills),
        unknown_by_cause=causes,
        unknown_sent_after_all=_sent_after_all(soak),
        left_in_flight=_left(soak),
        postgresql_start=_spread(soak.starts),
        recovery=_spread(_recoveries(soak)),
        violated_in_the_database=broken,
        violated_on_the_wire=wire,
    )


def _causes(soak: Soak, crew: Crew) -> Counts:
    """Unknown outcomes by what happened to their worker; else by the gateway's answer."""
    phases: dict[UUID, str] = {k.worker: f"worker killed: {k.phase}" for k in crew.kills}
    rows = query(
        soak.dsn, "SELECT worker_id, code FROM seqconsole.attempts WHERE outcome = 'unknown'"
    )
    causes: Counter[str] = Counter()
    for worker, code in rows:
        lapsed = code == "no answer before the lease ended"
        causes[phases.get(worker, code) if lapsed else f"gateway: {code}"] += 1
    return dict(causes.most_common())


def _sent_after_all(soak: Soak) -> int:
    """How many of the unknown had in truth reached the wire."""
    rows = query(soak.dsn, "SELECT id::text FROM seqconsole.attempts WHERE outcome = 'unknown'")
    return len({row[0] for row in rows} & {e.attempt for e in soak.gateway.entries()})


def _left(soak: Soak) -> int:
    sql = "SELECT count(*) FROM seqconsole.attempts WHERE outcome IS NULL"
    return int(query(soak.dsn, sql)[0][0])


def _recoveries(soak: Soak) -> list[float]:
    """From when PostgreSQL accepts again to the first claim after that."""
    found = []
    for up in soak.ups:
        sql = "SELECT min(claimed_at) FROM seqconsole.attempts WHERE claimed_at > %s"
        first = query(soak.dsn, sql, up)[0][0]
        if first is not None:
            found.append((first - up).total_seconds())
    return found


def _spread(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    return {
        "n": len(values),
        "median": round(statistics.median(values), 2),
        "max": round(max(values), 2),
    }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0
