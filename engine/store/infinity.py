"""PostgreSQL's `infinity`, which Python's datetime lacks: FOREVER, both ways.

A parked row's `at` and an endless hold's `until` are infinity (DESIGN 3).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from psycopg import BaseConnection, adapters
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.datetime import DatetimeDumper

FOREVER: Final = datetime.max.replace(tzinfo=UTC)


class ForeverLoader(Loader):
    """Reads timestamptz text, infinity as FOREVER; the rest as the driver does, in C where it can."""

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        known = adapters.get_loader(oid, Format.TEXT)
        assert known is not None
        self._load = known(oid, context).load

    def load(self, data: Buffer) -> datetime:
        if data == b"infinity":
            return FOREVER
        moment: datetime = self._load(data)
        return moment


class ForeverDumper(DatetimeDumper):
    """Writes FOREVER as infinity."""

    def dump(self, obj: datetime) -> Buffer | None:
        return b"infinity" if obj == FOREVER else super().dump(obj)


def register(conn: BaseConnection[Any]) -> None:
    """Make a connection know FOREVER."""
    conn.adapters.register_loader("timestamptz", ForeverLoader)
    conn.adapters.register_dumper(datetime, ForeverDumper)
