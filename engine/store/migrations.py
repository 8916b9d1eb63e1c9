"""The files of `sql/migrations`, in their order, once each (DESIGN 3). A DBA can run them with psql.

A file runs in one transaction together with its row in `seqconsole.migrations`. A file that starts with
`-- no transaction` runs statement by statement and can be run again after an interruption.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.store.sqlfiles import names_in, text

OPERATOR_TABLES: Final = (
    "user_devices",
    "sequences",
    "sequence_steps",
    "sequence_contacts",
    "broadcast_messages",
    "leads",
)
STATEMENT_END: Final = re.compile(r";\s*$", re.M)
BUILT_INDEX: Final = re.compile(r"^create (?:unique )?index concurrently (\w+)", re.I)
DROPPED_INDEX: Final = re.compile(r"^drop index concurrently if exists (\w+)", re.I)


class Mode(StrEnum):
    """A lock on a table, by PostgreSQL's name, the weakest first."""

    SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
    SHARE = "SHARE"
    SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
    ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

    @property
    def effect(self) -> str:
        """What other sessions feel of it."""
        return {
            Mode.SHARE_UPDATE_EXCLUSIVE: "reads and writes go on",
            Mode.SHARE: "reads go on, writes wait",
            Mode.SHARE_ROW_EXCLUSIVE: "reads go on, writes wait",
            Mode.ACCESS_EXCLUSIVE: "reads and writes wait",
        }[self]


LOCKING: Final = (
    (
        re.compile(r"create (?:unique )?index concurrently \w+\s+on (\w+)"),
        Mode.SHARE_UPDATE_EXCLUSIVE,
    ),
    (re.compile(r"create (?:unique )?index \w+\s+on (\w+)"), Mode.SHARE),
    (re.compile(r"create (?:or replace )?trigger [^;]*?\son (\w+)\s"), Mode.SHARE_ROW_EXCLUSIVE),
    (re.compile(r"alter table (?:only )?(\w+)\s"), Mode.ACCESS_EXCLUSIVE),
)
"""What a statement on an unqualified table locks; ours are always `seqconsole.x` and concern nobody else."""


@dataclass(frozen=True, slots=True)
class TableLock:
    """A lock that a step takes on a table of the operator's."""

    table: str
    mode: Mode

    def __str__(self) -> str:
        return f"{self.mode} on {self.table} ({self.mode.effect})"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `sql/migrations`: its number, name, text, and how it must be run."""

    name: str

    @property
    def number(self) -> int:
        """Its place in the order; 0 for the unique key, which is built when nothing forbids it."""
        first = self.short.split("_", 1)[0]
        return int(first) if first.isdigit() else 0

    @property
    def short(self) -> str:
        """Its name without the folder."""
        return self.name.rsplit("/", 1)[-1]

    @property
    def sql(self) -> str:
        return text(self.name)

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.replace("\r\n", "\n").encode()).hexdigest()

    @property
    def transactional(self) -> bool:
        return not self.sql.startswith("-- no transaction")

    @property
    def why(self) -> str:
        """What the file is for: its first comment, without what is said of locks."""
        lines = []
        for line in self.sql.splitlines():
            if not line.startswith("--"):
                break
            if not re.match(r"-- (no transaction|locks:|skip when:|:')", line):
                lines.append(line.removeprefix("--").strip())
        return " ".join(lines)

    @property
    def locks(self) -> tuple[TableLock, ...]:
        """The locks on the operator's tables, in the order they are taken.

        A transaction keeps its locks, so that of each table the strongest is named.
        """
        bare = re.sub(r"--.*$", "", self.sql, flags=re.M).lower()
        found = sorted(
            (match.start(), match[1], mode)
            for pattern, mode in LOCKING
            for match in pattern.finditer(bare)
            if match[1] in OPERATOR_TABLES
        )
        if not self.transactional:
            return tuple(dict.fromkeys(TableLock(table, mode) for _, table, mode in found))
        taken: dict[str, Mode] = {}
        order = list(Mode)
        for _, table, mode in found:
            taken[table] = max(taken.get(table, mode), mode, key=order.index)
        return tuple(TableLock(table, mode) for table, mode in taken.items())

    @property
    def built_on(self) -> list[str]:
        """The tables of the operator's on which it builds an index, one entry an index."""
        return [x.table for x in self.locks if x.mode is Mode.SHARE_UPDATE_EXCLUSIVE]

    @property
    def skip_when(self) -> str | None:
        """A query that tells that the step is not needed on this database."""
        found = re.search(r"^-- skip when: (\S+)$", self.sql, re.M)
        return found[1] if found else None

    @property
    def statements(self) -> list[str]:
        bare = re.sub(r"^--.*$", "", self.sql, flags=re.M)
        return [part.strip() for part in STATEMENT_END.split(bare) if part.strip()]


UNIQUE_KEY: Final = Migration("adopt/unique_key")


def all_migrations() -> list[Migration]:
    """Every migration of this version, in order."""
    return [Migration(name) for name in names_in("migrations")]
