"""Builds the operator's tables of a dirty database by set-based SQL: 5 million contact rows are possible."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import ClientCursor

from engine.store.sqlfiles import as_query
from tests.dirty.defects import ALONE, KEYS, Defect, Planted

HERE = Path(__file__).parent
FIRST_VICTIM = 90_000_000
"""People below this number are sound; each defect has 100,000 numbers above it."""


@dataclass(frozen=True, slots=True)
class Wild:
    """A database to build: `contacts` people with five rows each; `naive` times are those of `zone`."""

    contacts: int = 60
    campaigns: int = 20
    devices: int = 2
    naive: bool = False
    zone: str = "Asia/Kuala_Lumpur"
    seed: int = 1


def build(
    dsn: str, wild: Wild, defects: Iterable[Defect] = (), *, count: int = 3
) -> dict[Defect, Planted]:
    """The tables in an empty database, clean; then so many cases of each defect."""
    new_tables(dsn, wild)
    return plant(dsn, defects, wild, count=count)


def new_tables(dsn: str, wild: Wild) -> None:
    """Tables, sound rows and keys, in which a doctor finds nothing."""
    with _session(dsn, wild) as session:
        session.run("tables.sql")
        session.run("catalogue.sql")
        session.people("base", 1, wild.contacts, settled=None, state=None)
        session.run("enrol.sql", groups=["base"])
        session.run("campaigns.sql", count=wild.campaigns)
        session.run("keys.sql")
        session.connection.execute("ANALYZE")


def plant(
    dsn: str, defects: Iterable[Defect], wild: Wild, *, count: int = 3
) -> dict[Defect, Planted]:
    """So many cases of each defect, in people of their own: no two touch the same row.

    `wild` is what the database was built as. Raises ValueError for defects that exclude each other.
    """
    wanted = [each for each in Defect if each in set(defects)]
    if (len(wanted) > 1 and ALONE & set(wanted)) or len(KEYS & set(wanted)) > 1:
        raise ValueError(f"these exclude each other: {', '.join(wanted)}")
    with _session(dsn, wild) as session:
        for place, defect in enumerate(Defect):
            if defect in wanted:
                first = FIRST_VICTIM + 100_000 * place
                session.people(defect, first, count, settled=1, state="pending")
        session.run("enrol.sql", groups=[str(each) for each in wanted])
        return {each: _plant(session, each) for each in wanted}


def _plant(session: _Session, defect: Defect) -> Planted:
    if defect is Defect.INVALID_INDEX:
        with suppress(psycopg.errors.UniqueViolation):
            session.run(f"plants/{defect}.sql")
        return Planted(defect, {"uk_contact_status": ("uk_contact_status",)})
    cases: dict[str, list[str]] = {}
    for case, each in session.run(f"plants/{defect}.sql", defect=str(defect)):
        cases.setdefault(str(case), []).append(str(each))
    return Planted(defect, {case: tuple(ids) for case, ids in cases.items()})


@dataclass(frozen=True, slots=True)
class _Session:
    """A connection in which the helpers of `session.sql` live."""

    connection: psycopg.Connection[tuple[Any, ...]]
    wild: Wild

    def __enter__(self) -> _Session:
        self.connection.execute(
            "SELECT set_config('TimeZone', %s, false), set_config('search_path', 'public', false)",
            [self.wild.zone if self.wild.naive else "UTC"],
        )
        self.run("session.sql")
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def run(self, file: str, **params: Any) -> list[tuple[Any, ...]]:
        """The statements of a file, their parameters filled in by us; the rows of the last one."""
        moment = "timestamp" if self.wild.naive else "timestamptz"
        text = (HERE / file).read_text("utf-8").replace("MOMENT", moment)
        given = {"seed": str(self.wild.seed), "devices": self.wild.devices, **params}
        cursor = ClientCursor(self.connection)
        cursor.execute(as_query(text), given)
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []

    def people(self, grp: str, first: int, count: int, **options: Any) -> None:
        """Number so many people of a group, to be enrolled; None as `settled` or `state` draws it."""
        self.run("people.sql", grp=str(grp), first=first, count=count, **options)


def _session(dsn: str, wild: Wild) -> _Session:
    return _Session(psycopg.connect(dsn, autocommit=True), wild)
