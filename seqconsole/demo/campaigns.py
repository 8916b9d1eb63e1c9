"""The demo's messages that belong to no sequence: what filled the last hour, and what waits."""

from __future__ import annotations

from collections.abc import Callable

from seqconsole.demo.catalogue import Catalogue, DemoDevice
from seqconsole.demo.rows import HOUR, Rows
from seqconsole.demo.texts import CAMPAIGN_TEXTS, FAILURES

FULL = 80
_FULL_WITHIN = 55 * 60
_BUSY = 300  # devices; of more than these no larger number has a campaign waiting

Stranger = Callable[[], tuple[str, str]]  # the next (name, phone)


def full_window(rows: Rows, device: DemoDevice, stranger: Stranger) -> None:
    """Exactly 80 messages sent within the last 55 minutes, spread out."""
    content = CAMPAIGN_TEXTS[1]
    apart = (_FULL_WITHIN - 30) / FULL
    for nth in range(FULL):
        at = -_FULL_WITHIN + apart * (nth + 0.8 * rows.rng.random())
        rows.campaign(device, stranger(), content, "sent", at - 40, sent=at)
    _waiting(rows, device, stranger, 12)


def failures(rows: Rows, device: DemoDevice, stranger: Stranger) -> None:
    """A device in trouble: failed messages of the last hours, and more to come."""
    for error in FAILURES[4:]:
        at = -rows.rng.uniform(0.1, 5) * HOUR
        rows.campaign(device, stranger(), CAMPAIGN_TEXTS[0], "failed", at, error=error)
    _waiting(rows, device, stranger, 8)


def ordinary(rows: Rows, device: DemoDevice, stranger: Stranger, share: float) -> None:
    """Some devices sent a campaign within the hour, `share` of them have one before them."""
    rng = rows.rng
    content = CAMPAIGN_TEXTS[device.index % len(CAMPAIGN_TEXTS)]
    if rng.random() < 0.4:
        count = rng.randrange(5, 53)
        for nth in range(count):
            at = -3500 * (nth + rng.random()) / count - 20
            rows.campaign(device, stranger(), content, "sent", at - 30, sent=at)
    if rng.random() < share:
        _waiting(rows, device, stranger, rng.choice((4, 7, 12, 25, 60)))
    if rng.random() < 0.2:
        at = rng.choice((1, 3, 20, 26)) * HOUR + 600 * rng.random()
        for _ in range(rng.randrange(3, 15)):
            rows.campaign(device, stranger(), content, "pending", -HOUR, scheduled=at)


def later(rows: Rows, device: DemoDevice, stranger: Stranger) -> None:
    """A few messages for tomorrow, so that every size has some."""
    for _ in range(3):
        rows.campaign(device, stranger(), CAMPAIGN_TEXTS[2], "pending", -HOUR, scheduled=22 * HOUR)


def write(rows: Rows, catalogue: Catalogue, device: DemoDevice, stranger: Stranger) -> None:
    """The campaign messages of one device."""
    if device is catalogue.full:
        full_window(rows, device, stranger)
    elif device is catalogue.failing:
        failures(rows, device, stranger)
        later(rows, device, stranger)
    else:
        ordinary(rows, device, stranger, 0.35 * min(1.0, _BUSY / len(catalogue.devices)))


def _waiting(rows: Rows, device: DemoDevice, stranger: Stranger, count: int) -> None:
    content = CAMPAIGN_TEXTS[device.index % len(CAMPAIGN_TEXTS)]
    for _ in range(count):
        rows.campaign(device, stranger(), content, "pending", -600 * rows.rng.random() - 30)
