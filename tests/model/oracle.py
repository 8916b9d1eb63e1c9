"""What may reach the wire, judged without the engine: the gateway's own log and the operator's acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from engine.claiming import Claim
from engine.operations.model import InFlight


class Violation(AssertionError):
    """A guarantee of DESIGN 10 did not hold."""


@dataclass(frozen=True)
class Device:
    """The limits that the model gave a device."""

    limit: int
    window: timedelta
    gap: timedelta


@dataclass(frozen=True)
class Step:
    """A step's place and its wait."""

    sequence: UUID
    day: int
    delay: timedelta


@dataclass(frozen=True)
class Entry:
    """A request that the gateway saw. `late`: the process was frozen between its last check and its first byte."""

    at: datetime
    claim: Claim
    arrived: bool
    late: bool


@dataclass
class Pause:
    """A gate that the operator closed; it ends at `until` (None: not yet). `named` was in flight."""

    named: set[UUID]
    until: datetime | None = None


def brief(claim: Claim) -> str:
    """A claim in a line: its text (sequence and step), its person, its ids."""
    return f"{claim.content} {claim.phone} on {str(claim.device_id)[:4]} message {str(claim.message_id)[:8]}"


@dataclass
class Oracle:
    """The gateway's log, and the checks of each claim and each write."""

    devices: dict[UUID, Device]
    steps: dict[UUID, Step]
    events: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    """What happened, for the reader of a violation."""
    log: list[Entry] = field(default_factory=list)
    pauses: dict[tuple[str, str], Pause] = field(default_factory=dict)
    leases: dict[UUID, Claim] = field(default_factory=dict)
    touched: set[tuple[UUID, str]] = field(default_factory=set)
    """Tracks whose rows another writer changed: their order is no longer ours alone."""
    edited: set[UUID] = field(default_factory=set)
    """Rows that another writer changed: they no longer say what became of them."""
    expected: dict[tuple[UUID, str], set[int]] = field(default_factory=dict)
    """The days of each track that have a contact row."""

    def note(self, event: str, about: object = "", n: int = 1) -> None:
        """Count an event, and remember whom it was about."""
        self.events[event] += n
        if n:
            self.story.append(f"{event} {about}".rstrip())

    def closed(
        self, scope: str, key: str, flying: Iterable[InFlight], until: datetime | None = None
    ) -> None:
        """A pause has returned, and named what was in flight. Repeating it changes nothing."""
        named = {f.message_id for f in flying}
        known = self.pauses.get((scope, key))
        if known is None or known.until is not None:
            self.pauses[scope, key] = Pause(named, until)
        if named:
            self.note("pause with sends in flight")

    def opens(self, scope: str, key: str, at: datetime) -> None:
        """A resume has returned; it counts from `at`."""
        if found := self.pauses.get((scope, key)):
            found.until = at

    def covering(self, claim: Claim, now: datetime) -> list[tuple[tuple[str, str], Pause]]:
        """The closed gates that a claim's message lies behind."""
        step = self.steps.get(claim.step_id)
        scopes = {("all", ""), ("engine", ""), ("device", str(claim.device_id))}
        scopes |= {("contact", claim.phone)}
        if step:
            scopes.add(("sequence", str(step.sequence)))
        found = [(k, p) for k, p in self.pauses.items() if k in scopes]
        return [(k, p) for k, p in found if p.until is None or p.until > now]

    def claimed(self, claim: Claim, now: datetime) -> None:
        """Check a claim that the database gave out."""
        if behind := self.covering(claim, now):
            raise Violation(f"claimed behind {behind[0][0]}: {claim}")
        other = self.leases.get(claim.device_id)
        if other and other.lease_until > now:
            raise Violation(f"two leases on one device: {other} {claim}")
        self.leases[claim.device_id] = claim

    def settled(self, attempts: Iterable[UUID]) -> None:
        """These attempts have their outcome: their devices are free."""
        ended = set(attempts)
        self.leases = {d: c for d, c in self.leases.items() if c.attempt_id not in ended}

    def written(self, claim: Claim, now: datetime, *, arrived: bool) -> None:
        """The gateway saw a request: check it, then keep it."""
        late = now > claim.lease_until
        self._once(claim)
        if late:
            self.note("frozen past its lease")
        else:
            self._throttle(claim, now)
            self._gates(claim, now)
            if arrived:
                self._order(claim, now)
        self.log.append(Entry(now, claim, arrived, late))
        self.note("arrived" if arrived else "refused or lost", brief(claim))

    def _once(self, claim: Claim) -> None:
        for e in self.log:
            if e.claim.attempt_id == claim.attempt_id:
                raise Violation(f"an attempt wrote twice: {claim}")
            same = (e.claim.step_id, e.claim.phone) == (claim.step_id, claim.phone)
            if e.arrived and same:
                raise Violation(f"a second message for {claim.phone}, step {claim.step_id}")

    def _throttle(self, claim: Claim, now: datetime) -> None:
        device = self.devices[claim.device_id]
        sends = [e.at for e in self.log if e.claim.device_id == claim.device_id and not e.late]
        if sum(at > now - device.window for at in sends) >= device.limit:
            raise Violation(f"more than {device.limit} in {device.window}: {sends} {now}")
        if sends and now - sends[-1] < device.gap:
            raise Violation(f"no gap of {device.gap} after {sends[-1]}: {now}")
        if device.limit == sum(at > now - device.window for at in sends) + 1:
            self.note("window full")

    def _gates(self, claim: Claim, now: datetime) -> None:
        for key, pause in self.covering(claim, now):
            if claim.message_id not in pause.named:
                raise Violation(f"sent behind {key} without being named: {claim}")
            self.note("named in flight, then sent")

    def _order(self, claim: Claim, now: datetime) -> None:
        step = self.steps.get(claim.step_id)
        if step is None or (step.sequence, claim.phone) in self.touched:
            return
        mine = {
            self.steps[e.claim.step_id].day: e.at
            for e in self.log
            if e.arrived
            and e.claim.phone == claim.phone
            and e.claim.step_id in self.steps
            and self.steps[e.claim.step_id].sequence == step.sequence
        }
        earlier = {d for d in self.expected[step.sequence, claim.phone] if d < step.day}
        if missing := earlier - set(mine):
            raise Violation(f"step {step.day} sent before {missing}: {claim}")
        if earlier and now < mine[max(earlier)] + step.delay:
            raise Violation(f"step {step.day} sent before its time: {mine} {now}")
        if earlier:
            self.note("later step")
