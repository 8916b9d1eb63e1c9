"""What a device's line says of when its queue will be sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.store import FOREVER
from engine.views import DeviceCondition
from seqconsole.screens.device_rows import COLUMNS, DeviceRow, Moment, device_facts
from tests.console.figures import NOW, device


@pytest.mark.parametrize(
    ("drained_at", "column", "fact"),
    [
        (None, "—", ""),
        (FOREVER, "never", "never drains"),
        (NOW + timedelta(hours=3), "3h", "drains in ~3h"),
        (NOW - timedelta(seconds=1), "now", ""),
    ],
)
def test_a_queue_drains_when_the_database_says(drained_at: object, column: str, fact: str) -> None:
    row = DeviceRow(device(1, drained_at=drained_at), Moment(NOW, wide=False))
    assert row.drain == column
    text = "".join(text for line in device_facts(row, NOW) for text, _ in line)
    assert fact in text
    assert ("drain" in text) == bool(fact)


def test_a_device_without_any_limit_left_is_sorted_like_the_others() -> None:
    view = device(1, send_limit=0, pending=3, condition=DeviceCondition.THROTTLED)
    row = DeviceRow(view, Moment(NOW, wide=False))
    for column in COLUMNS:
        if column.order:
            column.order(row)
