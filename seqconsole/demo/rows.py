"""The rows of contacts and messages as they are written, and the times that place them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import pow
from random import Random
from typing import Final

from seqconsole.demo.catalogue import DemoDevice, DemoSequence, DemoStep, new_id

Row = tuple[str | int | None, ...]

HOUR: Final = 3600.0
_QUIET = 2 * HOUR  # how far back the sends are counted that could still fill a window
_OFTEN = 8  # contacts of a device whose last send may lie within those hours


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows of sequence_contacts and broadcast_messages, in the order of their COPY."""

    contacts: list[Row]
    messages: list[Row]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One person in one sequence on one device; `phone` as spelled, `digits` as a gateway wants."""

    name: str
    phone: str
    digits: str
    sequence: DemoSequence
    device: DemoDevice

    @property
    def steps(self) -> Sequence[DemoStep]:
        """The steps of the sequence, first to last."""
        return self.sequence.steps


class Rows:
    """Collects rows; every time is given in seconds relative to `now`, the past negative.

    `horizon`: hours within which open contacts fall due; `span`: hours of history.
    """

    def __init__(
        self,
        rng: Random,
        now: datetime,
        devices: int,
        full: DemoDevice,
        horizon: float,
        span: float,
    ) -> None:
        self.rng = rng
        self.horizon = horizon
        self.span = span
        self._now = now
        self._contacts: list[Row] = []
        self._messages: list[Row] = []
        self._opened = [0] * devices
        self._often = [_OFTEN] * devices
        self._often[full.index] = 0

    def take(self) -> Portion:
        """What was collected since the last call."""
        portion = Portion(self._contacts, self._messages)
        self._contacts, self._messages = [], []
        return portion

    def moment(self, offset: float | None) -> str | None:
        """The time `offset` seconds from now, as PostgreSQL reads it."""
        if offset is None:
            return None
        return str(self._now + timedelta(seconds=int(offset)))

    def due(self, who: Enrolment) -> float:
        """When a contact's open step falls due: two of a device at once, the others spread."""
        opened = self._opened[who.device.index]
        self._opened[who.device.index] = opened + 1
        return -240 * self.rng.random() if opened < 2 else self.some_time()

    def some_time(self) -> float:
        """A time within the horizon, or a few minutes ago; early ones are more frequent."""
        return self.horizon * HOUR * pow(self.rng.random(), 1.6) - 300

    def settled_before(self, who: Enrolment, step: int, due: float) -> float:
        """When the step before was sent, so that `step` is due then; no device sends too often."""
        slack = (self.horizon - 5.8) * HOUR
        sent = due - who.steps[step].wait - slack * self.rng.random()
        sent = min(sent, -90 - 600 * self.rng.random())
        if sent > -_QUIET:
            if self._often[who.device.index] > 0:
                self._often[who.device.index] -= 1
            else:
                sent -= _QUIET * (1 + self.rng.random())
        return sent

    def contact(
        self,
        who: Enrolment,
        step: DemoStep,
        status: str,
        due: float | None = None,
        *,
        completed: float | None = None,
        started: float | None = None,
        error: str | None = None,
        retries: int = 0,
        device_id: str | None = "",
        step_id: str | None = "",
    ) -> None:
        """One contact row. `started` also says that its device works on it; "" = as usual."""
        self._contacts.append(
            (
                new_id(self.rng),
                who.sequence.id,
                who.phone,
                who.name,
                step.number,
                step.id if step_id == "" else step_id,
                status,
                self.moment(due),
                self.moment(completed),
                who.device.id if device_id == "" else device_id,
                who.device.id if started is not None else None,
                self.moment(started),
                error,
                retries,
                who.device.user_id,
            )
        )

    def sent(self, who: Enrolment, step: DemoStep, at: float) -> None:
        """A completed contact row and the message that proves it."""
        due = self.moment(at - 5 - 85 * self.rng.random())
        done = self.moment(at)
        device = who.device
        self._contacts.append(
            (
                new_id(self.rng), who.sequence.id, who.phone, who.name, step.number, step.id,
                "completed", due, done, device.id, None, None, None, 0, device.user_id,
            )
        )  # fmt: skip
        self._messages.append(
            (
                new_id(self.rng), device.user_id, device.id, who.sequence.id, step.id, who.digits,
                who.name, "text", step.content.replace("{name}", who.name),
                "sent", None, due, done, due, done,
            )
        )  # fmt: skip

    def message(
        self,
        who: Enrolment,
        step: DemoStep,
        status: str,
        created: float,
        *,
        sent: float | None = None,
        error: str | None = None,
    ) -> None:
        """One message of a step, due when it was created."""
        made = self.moment(created)
        done = self.moment(sent)
        self._messages.append(
            (
                new_id(self.rng), who.device.user_id, who.device.id, who.sequence.id, step.id,
                who.digits, who.name, "text", step.content.replace("{name}", who.name),
                status, error, made, done, made, done or made,
            )
        )  # fmt: skip

    def campaign(
        self,
        device: DemoDevice,
        to: tuple[str, str],
        content: str,
        status: str,
        created: float,
        *,
        scheduled: float | None = None,
        sent: float | None = None,
        error: str | None = None,
    ) -> None:
        """One message without a sequence to a (name, phone)."""
        made = self.moment(created)
        done = self.moment(sent)
        self._messages.append(
            (
                new_id(self.rng), device.user_id, device.id, None, None, to[1], to[0], "text",
                content.replace("{name}", to[0]), status, error, self.moment(scheduled) or made,
                done, made, done or made,
            )
        )  # fmt: skip

    def history(self, who: Enrolment, count: int, last: float) -> None:
        """The first `count` steps as sent, the last of them at `last`."""
        for index in range(count - 1, -1, -1):
            self.sent(who, who.steps[index], last)
            last -= who.steps[index].wait + 20 + 900 * self.rng.random()

    def later(self, who: Enrolment, first: int, due: float) -> None:
        """The steps from `first` on as pending; a sequence that plans ahead says when."""
        at: float | None = due
        for index in range(first, len(who.steps)):
            step = who.steps[index]
            at = at + step.wait if at is not None and who.sequence.plans_ahead else None
            self.contact(who, step, "pending", at)
