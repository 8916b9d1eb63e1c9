"""Values as the commands print them in JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.store import FOREVER
from seqconsole.cli.output import plain


def test_times_that_never_come_are_postgres_own_word() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert plain({"at": FOREVER, "until": noon, "lag": timedelta(seconds=2)}) == {
        "at": "infinity",
        "until": "2026-11-24T12:00:00+00:00",
        "lag": 2.0,
    }
