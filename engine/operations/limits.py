"""Limits as an operator sets them (DESIGN 5 and 6): rows of settings, made effective on every device at once.

What lets a device send sooner waits 10 s behind a hold on that device; what is stricter counts at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.operations import journal
from engine.operations.limit_values import (
    CEILING,
    NAMES,
    BadLimit,
    LimitScope,
    Setting,
    read_limits,
)
from engine.operations.model import WAIT, Done, OperationRefused, Preview, Scope
from engine.operations.targets import Found, NotFound, find
from engine.operations.throttles import (
    UNIT,
    Throttle,
    judged_anew,
    person_gap,
    shorter,
    take_effect,
    throttles,
    wait,
)
from engine.operations.wording import counted, listed, moment, verb
from engine.store import Database, Transaction


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose limits: a scope, the id as text ('' for the default), and its name."""

    scope: LimitScope
    key: str
    name: str

    @property
    def described(self) -> str:
        """As a person says it: `the default`, `device Alpha`."""
        if self.scope is LimitScope.DEFAULT:
            return "the default"
        return f"{self.scope} {' '.join(self.name.split())[:80]}"


DEFAULTS: Final = Subject(LimitScope.DEFAULT, "", "")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in force for a subject, and where it comes from: device, column, user, default."""

    name: str
    value: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Written:
    """What writing settings brings about."""

    settings: Sequence[Setting]
    raised: Sequence[Throttle]
    above: Sequence[str]
    everything: bool
    policy: bool = False

    @property
    def may_send(self) -> bool:
        """Something may go out sooner than before."""
        return bool(self.raised) or self.everything or self.policy


class _OnlyLooking(Exception):
    """Ends the transaction of a preview, so that nothing of it stays."""


async def subject_of(database: Database, scope: LimitScope, text: str) -> Subject:
    """The one device, user, sequence or step that a text means. Raises NotFound or Ambiguous."""
    if scope is LimitScope.DEFAULT:
        return DEFAULTS
    if scope is LimitScope.STEP:
        found = await database.read(Found, "operations/find_steps", text=text.replace("\0", ""))
        if not found:
            raise NotFound(f"there is no step {text!r}; `seqconsole status --json` names their ids")
        return Subject(scope, found[0].key, found[0].name)
    target = await find(database, Scope(scope.value), [text])
    return Subject(scope, target.keys[0], target.names[0])


async def limits_in_force(database: Database, subject: Subject) -> list[Limit]:
    """What counts for a subject now, each with its source."""
    names = [n for n in NAMES[subject.scope] if n != "gap"]
    if "gap" in NAMES[subject.scope]:
        names[2:2] = ["gap_min", "gap_max"]
    return list(
        await database.read(
            Limit, "operations/limits_of", scope=subject.scope, key=subject.key, names=names
        )
    )


async def preview_limits(database: Database, subject: Subject, given: Mapping[str, str]) -> Preview:
    """What setting these limits would change; `refused` names what needs to be confirmed. Raises BadLimit."""
    seen: list[Written] = []
    behind = 0
    try:
        async with database.transaction(writer="operator") as tx:
            await tx.lock_gate(exclusive=True)
            now = await tx.now()
            settings = await _read(tx, subject, given, now)
            seen.append(await _write(tx, subject, settings, None, now))
            if seen[0].policy:
                behind = await tx.value("operations/behind_failures", sequence=subject.key)
            raise _OnlyLooking
    except _OnlyLooking:
        written = seen[0]
    lines = [f"{s.name}: {_shown(s)}" for s in written.settings] or ["Nothing changes."]
    if written.policy:
        wait_behind = f"{counted(behind, 'person', 'people')} {verb(behind, 'waits', 'wait')}"
        lines.append(f"{wait_behind} behind a failed step.")
    if written.everything:
        lines.append("People may get their next message sooner.")
    if written.raised:
        n = len(written.raised)
        lines.append(f"{counted(n, 'device')} may send sooner than now.")
    above = (f"{_too_much(written.above)}: confirm it",) if written.above else ()
    title = f"Set the limits of {subject.described}?"
    return Preview("limits", title, tuple(lines), len(written.settings), "", above)


async def set_limits(
    database: Database,
    who: str,
    subject: Subject,
    given: Mapping[str, str],
    *,
    reason: str | None = None,
    now: bool = False,
    confirmed: bool = False,
) -> Done:
    """Set limits by their texts (`none` = no such limit, `default` = the wider setting counts again).

    `confirmed` allows more than CEILING sends an hour; `now` omits the 10 s before what may send.
    Raises BadLimit, OperationRefused.
    """
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        instant = await tx.now()
        settings = await _read(tx, subject, given, instant)
        if not settings:
            return Done(None, 0, f"the limits of {subject.described} are so already")
        summary = (
            f"set {listed([f'{s.name} {_shown(s)}' for s in settings], 9)} of {subject.described}"
        )
        operation = await journal.record(
            tx,
            who=who,
            verb="limits",
            now=instant,
            n=len(settings),
            summary=summary,
            reason=reason,
            target={"scope": subject.scope, "key": subject.key},
        )
        written = await _write(tx, subject, settings, operation, instant)
        if written.above and not confirmed:
            raise OperationRefused(f"{_too_much(written.above)}: confirm it with --yes")
        until = instant if now else instant + WAIT
        if written.may_send and not now:
            await wait(tx, operation, written.raised, written.everything, until, instant)
        if written.policy:
            await judged_anew(tx, operation, [subject.key], instant, None if now else until)
    done = summary
    if written.raised:
        n = len(written.raised)
        done += f"; {counted(n, 'device')} {verb(n, 'sends', 'send')} with it from {moment(until, instant)}"
    return Done(operation, len(settings), done, sends_from=until if written.may_send else None)


async def _read(
    tx: Transaction, subject: Subject, given: Mapping[str, str], now: datetime
) -> list[Setting]:
    """The settings that would change something."""
    wanted = read_limits(subject.scope, given, now.tzinfo)
    for setting in wanted:
        zone = setting.value if setting.name == "timezone" else None
        if zone is not None and not await tx.value("adopt/zone_is_known", timezone=zone):
            raise BadLimit(f"{zone!r} is no zone that the database knows")
    there = {
        row["name"]: row["value"]
        for row in await tx.dicts("operations/own_settings", scope=subject.scope, key=subject.key)
    }
    return [
        s
        for s in wanted
        if (s.name in there if s.inherit else s.name not in there or there[s.name] != s.value)
    ]


async def _write(
    tx: Transaction,
    subject: Subject,
    settings: Sequence[Setting],
    operation: int | None,
    now: datetime,
) -> Written:
    """Write settings and make them effective; without an operation nothing is kept in the journal."""
    before = await throttles(tx)
    gap = await person_gap(tx)
    of = {"operation": operation, "scope": subject.scope, "key": subject.key}
    set_now = [s for s in settings if not s.inherit]
    await tx.run(
        "operations/write_settings",
        **of,
        unit=UNIT,
        names=[s.name for s in set_now],
        values=[json.dumps(s.value) for s in set_now],
        gone=[s.name for s in settings if s.inherit],
    )
    raised = await take_effect(tx, now)
    after = await throttles(tx)
    if operation is not None:
        changed = [i for i, t in before.items() if after[i].warm_from != t.warm_from]
        await tx.run(
            "operations/journal_warm_from",
            operation=operation,
            unit=UNIT,
            ids=changed,
            befores=[before[i].warm_from for i in changed],
        )
    if subject.scope is LimitScope.STEP:
        await tx.run("operations/renew_expiry", steps=[subject.key])
    everything = shorter(await person_gap(tx), gap)
    own = await _hourly(tx, subject, settings)
    above = [
        f"{t.name} {t.hourly:g}"
        for t in raised
        if t.hourly > max(CEILING, before[t.device_id].hourly)
    ]
    if own > CEILING and not above:
        above = [f"{subject.described} {own:g}"]
    policy = any(s.name == "on_failure" for s in settings)
    return Written(settings, raised, above, everything, policy)


async def _hourly(tx: Transaction, subject: Subject, settings: Sequence[Setting]) -> float:
    """Sends an hour of the subject by settings that this call writes: devices may come later."""
    if not {s.name for s in settings} & {"send_limit", "send_window"}:
        return 0.0
    found = await tx.value("operations/hourly_of", scope=subject.scope, key=subject.key)
    return float(found or 0)


def _shown(setting: Setting) -> str:
    if setting.inherit:
        return "inherited"
    return "none" if setting.value is None else str(setting.value)


def _too_much(above: Sequence[str]) -> str:
    return f"above the ceiling of {CEILING} an hour: {listed(above)}"
