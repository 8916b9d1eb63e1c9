"""The figures as Prometheus reads them. No label holds a text of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from engine.gateways.protocol import Verdict
from engine.reports.figures import Figures
from engine.sending import Sender
from engine.views import DeviceCondition, DeviceView, Overview
from engine.watching import BOUNDS

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

STOPPED: Final = frozenset(
    {DeviceCondition.PAUSED, DeviceCondition.BREAKER, DeviceCondition.OFFLINE}
)


@dataclass(frozen=True, slots=True, eq=False)
class Readout(Collector):
    """What is known at one moment.

    `figures` None: the database did not answer. `sender` None: no worker here. `per_device` adds three
    figures for each device, labelled by its id.
    """

    figures: Figures | None
    sender: Sender | None = None
    per_device: bool = False

    def collect(self) -> Iterable[Metric]:
        """All metrics."""
        up = self.figures is not None
        yield _gauge("database_up", "Whether the database answered.", up)
        if self.sender is not None:
            yield from _of_sender(self.sender)
        if self.figures is not None:
            yield from _of_overview(self.figures.overview)
            yield _devices(self.figures.devices)
            yield _labelled("alarms", "What calls for an operator.", "kind", self.figures.alarms)
            age = self.figures.age(None)
            if age is not None:
                yield _gauge("tick_age_seconds", "Since the latest heartbeat of any worker.", age)
            if self.per_device:
                yield from _each_device(self.figures.devices)

    def text(self) -> bytes:
        """The metrics in Prometheus' text format."""
        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"seqconsole_{name}", says, value=float(value))


def _labelled(name: str, says: str, label: str, values: object) -> Metric:
    family = GaugeMetricFamily(f"seqconsole_{name}", says, labels=[label])
    for key, n in dict(values).items():  # type: ignore[call-overload]
        family.add_metric([str(key)], float(n))
    return family


def _of_sender(sender: Sender) -> Iterator[Metric]:
    answers = CounterMetricFamily(
        "seqconsole_answers", "Answers of gateways to this worker, by class.", labels=["class"]
    )
    for verdict in Verdict:
        answers.add_metric([verdict.value], sender.answers[verdict])
    yield answers
    yield _gauge("in_flight", "Messages of this worker on the wire.", sender.in_flight)
    yield _gauge("worker_in_trouble", "Whether something keeps this worker from working.",
                 sender.error is not None)  # fmt: skip
    claims, buckets, n = sender.claim_times, [], 0
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], claims.counts, strict=True):
        n += count
        buckets.append((bound, float(n)))
    yield HistogramMetricFamily(
        "seqconsole_claim_seconds", "How long claims took.", buckets, sum_value=claims.total
    )


def _of_overview(seen: Overview) -> Iterator[Metric]:
    states = {
        "pending": seen.pending,
        "sending": seen.sending,
        "unknown": seen.unknown,
        "failed": seen.failed,
    }
    yield _labelled("messages", "Messages by state.", "state", states)
    for name, says, value in (
        ("engine_on", "Whether the engine is switched on.", seen.engine_on),
        ("everything_held", "Whether everything is held.", seen.everything_held is not None),
        ("messages_due", "Due and not sent; a device counts at most 1000.", seen.due),
        ("sent_last_minute", "Sent in the last minute.", seen.sent_last_minute),
        ("sent_last_hour", "Sent in the last hour, by the throttle.", seen.sent_last_hour),
        ("duplicate_groups", "Duplicate groups.", seen.duplicates),
        ("findings", "Findings, duplicate groups aside.", seen.findings),
        ("unclaimable", "Gates behind which due work waits for ever.", seen.unclaimable),
        ("workers", "Running engines.", seen.workers),
        ("worker_versions", "Their versions; more than one during an upgrade.", seen.versions),
        ("engine_lag_seconds", "How long the oldest due work has waited for a worker.",
         seen.lag.total_seconds() if seen.lag is not None else 0.0),
    ):  # fmt: skip
        yield _gauge(name, says, value)


def _devices(devices: Iterable[DeviceView]) -> Metric:
    counts = dict.fromkeys(DeviceCondition, 0)
    for device in devices:
        counts[device.condition] += 1
    return _labelled("devices", "Devices by state.", "state", counts)


def _each_device(devices: Iterable[DeviceView]) -> Iterator[Metric]:
    for name, says, of in (
        ("device_pending", "Messages that wait for a device.", lambda d: d.pending),
        ("device_sent_in_window", "Sends in its window.", lambda d: d.sent_in_window),
        ("device_stopped", "Paused, held by its breaker, or offline.",
         lambda d: d.condition in STOPPED),
    ):  # fmt: skip
        family = GaugeMetricFamily(f"seqconsole_{name}", says, labels=["device"])
        for device in devices:
            family.add_metric([str(device.id)], float(of(device)))
        yield family
