"""The checks: one file of `sql/audit/checks` each, which says itself what it means and what it needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from engine.store.sqlfiles import names_in, text

_INCLUDE = re.compile(r"^-- include: (\S+)\n", re.M)
_NEED = re.compile(r"(\w+)\(([\w, ]+)\)")
OPTIONAL = ("runs", "limits", "doubts", "charges", "devices")
"""Sources whose empty form `no_...` stands in where they can't be read; devices apart, all are ours."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the database. `notice`: what it finds is worth knowing and no fault.

    `needs` are the columns without which it can't be asked, by table.
    """

    name: str
    title: str
    means: str
    notice: bool
    needs: Mapping[str, frozenset[str]]

    def sql(self, readable: Collection[str]) -> str:
        """The whole statement; `readable` names those of `OPTIONAL` that are there."""
        return _included(f"audit/checks/{self.name}", readable)

    def lacks(self, columns: Mapping[str, Collection[str]]) -> list[str]:
        """What it needs and is not among these columns of the tables."""
        found = []
        for table, wanted in self.needs.items():
            if table not in columns:
                found.append(f"table {table}")
            else:
                found += [f"column {table}.{c}" for c in sorted(wanted - set(columns[table]))]
        return found


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check, in the order in which an operator wants to know."""
    found = {name.rpartition("/")[2]: name for name in names_in("audit/checks")}
    ordered = [name for name in ORDER if name in found]
    return tuple(_read(name) for name in [*ordered, *sorted(found.keys() - set(ORDER))])


ORDER = (
    "sent_twice",
    "completed_twice",
    "duplicate_rows",
    "over_limit",
    "out_of_order",
    "step_left_out",
    "sent_early",
    "sent_before_delay",
    "bursts",
    "in_doubt",
    "stuck_messages",
    "stuck_rows",
    "locked_rows",
    "sent_but_open",
    "completed_unsent",
    "sent_with_error",
    "rows_nobody_claims",
    "messages_nobody_claims",
)


def names_sql(readable: Collection[str]) -> str:
    """The statement that names steps, sequences and devices."""
    return _included("audit/names", readable)


def _read(name: str) -> Check:
    sql = text(f"audit/checks/{name}")
    said = dict(re.findall(r"^-- (title|kind|means|needs): (.+)$", sql, re.M))
    needs = {
        table: frozenset(column.strip() for column in columns.split(","))
        for table, columns in _NEED.findall(said["needs"])
    }
    return Check(name, said["title"], said["means"], said.get("kind") == "notice", needs)


def _included(name: str, readable: Collection[str]) -> str:
    folder, _, last = name.rpartition("/")
    if last in OPTIONAL and last not in readable:
        name = f"{folder}/no_{last}"
    return _INCLUDE.sub(lambda found: _included(found[1], readable), text(name))
