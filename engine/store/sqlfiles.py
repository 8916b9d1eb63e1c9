"""Finds and prepares the SQL files. They are plain SQL that psql can run with `-v name=value`.

A parameter is written `:'name'`, as psql writes it; it becomes psycopg's `%(name)s`.
A line `-- include: dir/file` stands for the text of that file, for what several statements share.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, LiteralString, cast

PARAMETER = re.compile(r":'([a-z_]+)'")
INCLUDE = re.compile(r"^-- include: ([a-z_/]+)$", re.M)


def sql_root() -> Traversable:
    """The folder of SQL files: `engine/sql` in a wheel, `../sql` in a checkout."""
    inside = files("engine") / "sql"
    if inside.is_dir():
        return inside
    return Path(__file__).resolve().parents[2] / "sql"


@cache
def text(name: str) -> str:
    """The text of `sql/<name>.sql` as it stands in the file."""
    return sql_root().joinpath(f"{name}.sql").read_text("utf-8")


@cache
def query(name: str) -> LiteralString:
    """The statement of `sql/<name>.sql`, its parameters in psycopg's notation."""
    return as_query(whole(name))


def whole(name: str) -> str:
    """The text of `sql/<name>.sql` with the files that it includes in their places."""
    return INCLUDE.sub(lambda found: whole(found[1]), text(name))


def as_query(sql: str) -> LiteralString:
    """A file's text with `:'name'` turned into `%(name)s`; the files are as trusted as the code."""
    prepared: Any = PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))
    return cast(LiteralString, prepared)


def names_in(folder: str) -> list[str]:
    """The files of a folder below `sql/`, in their order, as names for `text` and `query`."""
    found = (f.name for f in (sql_root() / folder).iterdir())
    return sorted(f"{folder}/{name[:-4]}" for name in found if name.endswith(".sql"))
