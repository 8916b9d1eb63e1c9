"""PostgreSQL's `infinity`, which Python's datetime lacks: FOREVER, both ways.

A parked row's `at` and an endless hold's `until` are infinity (DESIGN 3).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from psycopg import BaseConnection
from psycopg.abc import Buffer
from psycopg.types.datetime import DatetimeDumper, TimestamptzLoader

FOREVER: Final = datetime.max.replace(tzinfo=UTC)


class ForeverLoader(TimestamptzLoader):
    """Reads timestamptz text, infinity as FOREVER."""

    def load(self, data: Buffer) -> datetime:
        if bytes(data) == b"infinity":
            return FOREVER
        return super().load(data)


class ForeverDumper(DatetimeDumper):
    """Writes FOREVER as infinity."""

    def dump(self, obj: datetime) -> Buffer | None:
        return b"infinity" if obj == FOREVER else super().dump(obj)


def register(conn: BaseConnection[Any]) -> None:
    """Make a connection know FOREVER."""
    conn.adapters.register_loader("timestamptz", ForeverLoader)
    conn.adapters.register_dumper(datetime, ForeverDumper)
