"""Random operations of every verb on a dirty world, and all of them undone in reverse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from engine.gateways.protocol import Answer, Verdict
from engine.operations import engine_switch, holds, lift, limits
from engine.operations.backlog import Mode, Pace, release_overdue
from engine.operations.decide_order import decide_order, preview_order
from engine.operations.keep_active import KeepActive
from engine.operations.limit_values import LimitScope
from engine.operations.link_steps import LinkSteps
from engine.operations.mark_sent import MarkNotSent, MarkSent
from engine.operations.model import Done, OperationRefused, Scope, Target
from engine.operations.reassign import Wanted, preview_reassign, reassign
from engine.operations.release import Release
from engine.operations.repair import Repair, apply_repair, preview_repair
from engine.operations.repair_facts import Selection
from engine.operations.resolve import preview_resolve, resolve
from engine.operations.retry import Retry
from engine.operations.skip import Skip
from engine.operations.stale import skip_stale
from engine.operations.undo import undo
from engine.rollup import roll_up_all
from engine.store import Database
from tests.engine.steps import SENT, end, prepare, take
from tests.operations.scene import ME, OPERATOR_TABLES
from tests.world import World

ANSWERS: Final = (
    SENT,
    SENT,
    Answer(Verdict.FAIL, "invalid_number", body="no such number"),
    Answer(Verdict.UNKNOWN, "timeout", body="no answer"),
    Answer(Verdict.RETRY, "busy", body="later"),
    Answer(Verdict.STOP_DEVICE, "logged_out", body="by its owner"),
    Answer(Verdict.HOLD_CONTACT, "no_session", body="not now"),
)

OURS: Final = {
    "ledger": "SELECT d::text AS row FROM seqconsole.deliveries d",
    "attempts": "SELECT a::text AS row FROM seqconsole.attempts a",
    "holds": "SELECT row(h.scope, h.key, h.holder, h.cold_only, h.reason, h.until, h.operation_id)::text AS row "
    "FROM seqconsole.holds h WHERE h.until > seqconsole.now() "
    "AND h.holder NOT IN ('switch', 'limits', 'limits undone', 'order', 'order undone')",
    "settings": "SELECT row(s.scope, s.key, s.name, s.value)::text AS row FROM seqconsole.settings s "
    "WHERE s.name NOT IN ('clock_offset', 'clock_frozen')",
    "devices": "SELECT (to_jsonb(d) - 'slot_at')::text AS row FROM seqconsole.devices d",
    "progress": "SELECT row(p.track, p.phone_key, p.run, p.sequence_id, p.step_id, p.contact_id, p.message_id, "
    "p.device_id, p.state, CASE WHEN p.gate = 'countdown' AND p.at <= seqconsole.now() THEN NULL ELSE p.gate END, p.tries, p.attempt_id, p.claimed_at, p.expires_at)::text AS row "
    "FROM seqconsole.progress p",
    "counters": "SELECT row(c.scope, c.key, c.step_id, c.state, c.n)::text AS row FROM seqconsole.counters c WHERE c.n <> 0",
    "findings": "SELECT row(f.kind, f.key, f.ids)::text AS row FROM seqconsole.findings f WHERE f.kind = 'duplicate'",
}


async def everything(world: World, database: Database) -> dict[str, list[str]]:
    """Every row of the operator's tables and of ours, as text, once the feed is read."""
    await roll_up_all(database)
    found = {
        table: world.run(f"SELECT row_to_json(t)::text AS row FROM {table} t")
        for table in OPERATOR_TABLES
    }
    found |= {name: world.run(sql) for name, sql in OURS.items()}
    return {name: sorted(r["row"] for r in rows) for name, rows in found.items()}


def difference(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, Any]:
    """What is not as it was: the rows gone and the rows come, by table."""
    return {
        name: (sorted(set(before[name]) - set(after[name])), sorted(set(after[name]) - set(before[name])))
        for name in before
        if before[name] != after[name]
    }  # fmt: skip


async def work_a_little(world: World, database: Database, random: Random) -> None:
    """Messages queued, sent, failed, in doubt, to be tried again: what operations then find."""
    world.engine()
    for minutes in (1500, 90, 1, 1):
        await prepare(database)
        for claimed in await take(database):
            await end(database, [claimed], random.choice(ANSWERS))
        world.advance(minutes=minutes)
    await prepare(database)
    async with (
        database.transaction() as tx
    ):  # what others sent is charged at each switch-on, and stays so
        await engine_switch.charge_what_was_sent(tx, await tx.now())


@dataclass
class Walk:
    """Operations by `database`; the world only looks on, and moves the clock."""

    world: World
    database: Database
    random: Random
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    async def go(self, steps: int, verbs: Sequence[str] = ()) -> None:
        """So many operations; each of `verbs` (all of them) has the same chance."""
        names = list(verbs or self.verbs)
        for _ in range(steps):
            await self.act(self.random.choice(names))

    async def act(self, verb: str) -> None:
        """One operation, or its refusal."""
        try:
            done = await self.verbs[verb]()
        except OperationRefused:
            self.refused[verb] += 1
            return
        self.done[verb] += done.operation_id is not None
        self.world.advance(seconds=self.random.choice((0, 1, 4, 30)))

    async def back(self) -> int:
        """Everything undone, the last first; each undo whole. Returns how many."""
        made = self.world.run(
            "SELECT id, verb, summary FROM seqconsole.operations WHERE undone_by IS NULL AND undoes IS NULL "
            "AND EXISTS (SELECT FROM seqconsole.operation_rows r WHERE r.operation_id = id) ORDER BY id DESC"
        )
        for operation in made:
            try:
                back = await undo(self.database, ME, operation["id"])
            except OperationRefused as why:
                raise AssertionError(f"{operation} is not undone: {why}") from why
            assert back.refused == (), (operation, back.refused)
            self.world.advance(seconds=self.random.choice((0, 1, 4, 30)))
        return len(made)

    @property
    def verbs(self) -> dict[str, Callable[[], Awaitable[Done]]]:
        """Each verb with arguments drawn."""
        return {
            "pause": lambda: holds.pause(self.database, ME, self._target(), "walk"),
            "resume": self._resume,
            "lift": self._lift,
            "resolve": self._resolve,
            "retry": lambda: self._repair(Retry(even_permanent=self._coin())),
            "skip": lambda: self._repair(Skip()),
            "mark sent": lambda: self._repair(MarkSent(ME)),
            "mark not sent": lambda: self._repair(MarkNotSent(ME)),
            "release": lambda: self._repair(Release()),
            "link steps": lambda: self._repair(LinkSteps()),
            "keep active": lambda: self._repair(KeepActive()),
            "decide order": self._order,
            "limits": self._limits,
            "reassign": self._reassign,
            "engine on": self._on,
            "engine off": lambda: engine_switch.engine_off(self.database, ME),
            "skip stale": self._stale,
            "resume overdue": lambda: release_overdue(
                self.database, ME, Pace(self.random.choice(list(Mode)))
            ),
        }

    def _coin(self) -> bool:
        return self.random.random() < 0.5

    def _some(self, sql: str) -> str:
        found = sorted(str(next(iter(row.values()))) for row in self.world.run(sql))
        if not found:
            raise OperationRefused("there is none")
        return self.random.choice(found)

    def _target(self) -> Target:
        scope = self.random.choice(list(Scope))
        key = {
            Scope.ALL: "SELECT ''",
            Scope.USER: "SELECT DISTINCT user_id FROM user_devices WHERE user_id IS NOT NULL",
            Scope.HOST: "SELECT 'gateway.example'",
            Scope.DEVICE: "SELECT id FROM user_devices",
            Scope.SEQUENCE: "SELECT id FROM sequences",
            Scope.CONTACT: "SELECT phone_key FROM seqconsole.progress",
        }[scope]
        return Target(scope, (self._some(key),))

    async def _resume(self) -> Done:
        pace = self.random.choice((None, Pace(Mode.FULL), Pace(Mode.SPREAD), Pace(Mode.SPREAD, timedelta(hours=2))))  # fmt: skip
        rows = self.world.run(
            "SELECT scope, key FROM seqconsole.holds WHERE holder = 'operator' ORDER BY scope, key"
        )
        target = self._target()
        if rows and self.random.random() < 0.8:
            row = self.random.choice(rows)
            target = Target(Scope(row["scope"]), (row["key"],))
        return await holds.resume(self.database, ME, target, "walk", now=self._coin(), pace=pace)

    async def _lift(self) -> Done:
        rows = self.world.run(
            "SELECT scope, key, holder FROM seqconsole.holds WHERE until > seqconsole.now() ORDER BY 1, 2, 3"
        )
        rows = [r for r in rows if r["holder"] not in lift.NOT_BY_HAND]
        if not rows:
            raise OperationRefused("there is none")
        row = self.random.choice(rows)
        target = Target(Scope(row["scope"]), (row["key"],))
        pinned = (await lift.preview_lift(self.database, row["holder"], target)).pinned
        return await lift.lift(
            self.database, ME, row["holder"], target, pinned=pinned, now=self._coin()
        )

    async def _resolve(self) -> Done:
        keys = None
        if self.random.random() < 0.7:
            keys = [self._some("SELECT key FROM seqconsole.findings WHERE kind = 'duplicate'")]
        preview = await preview_resolve(self.database, keys)
        return await resolve(self.database, ME, keys, pinned=preview.pinned)

    async def _repair(self, repair: Repair) -> Done:
        selection = self.random.choice(
            (
                Selection(),
                Selection(phones=(self._some("SELECT phone_key FROM seqconsole.progress"),)),
                Selection(sequences=(UUID(self._some("SELECT id FROM sequences")),)),
                Selection(devices=(UUID(self._some("SELECT id FROM user_devices")),)),
            )
        )
        shown = await preview_repair(self.database, repair, selection)
        return await apply_repair(self.database, ME, repair, selection, pinned=shown.pinned)

    async def _order(self) -> Done:
        sequence = UUID(self._some("SELECT id FROM sequences"))
        shown = await preview_order(self.database, sequence)
        order = list(shown.steps)
        if self._coin():
            self.random.shuffle(order)
        shown = await preview_order(self.database, sequence, order)
        return await decide_order(
            self.database, ME, sequence, order, pinned=shown.pinned, now=self._coin()
        )

    async def _limits(self) -> Done:
        scope = self.random.choice(list(LimitScope))
        key = {
            LimitScope.DEFAULT: "SELECT ''",
            LimitScope.USER: "SELECT DISTINCT user_id FROM user_devices WHERE user_id IS NOT NULL",
            LimitScope.DEVICE: "SELECT id FROM user_devices",
            LimitScope.SEQUENCE: "SELECT id FROM sequences",
            LimitScope.STEP: "SELECT id FROM sequence_steps",
        }[scope]
        subject = (
            limits.DEFAULTS
            if scope is LimitScope.DEFAULT
            else await limits.subject_of(self.database, scope, self._some(key))
        )
        given = self.random.choice(
            {
                LimitScope.SEQUENCE: ({"weight": "3"}, {"weight": "0.5"}, {"weight": "default"}),
                LimitScope.STEP: ({"valid_for": "400 days"}, {"valid_for": "365 days"}),
            }.get(
                scope,
                (
                    {"send_limit": str(self.random.choice((1, 20, 80, 200)))},
                    {"send_limit": "default"},
                    {"daily_cap": "50", "quiet_hours": "22:00-07:00"},
                    {"gap": "1-3"},
                    {"warm_up": "3:20,7:40"},
                    {"warm_up": "default", "daily_cap": "none"},
                ),
            )
        )
        return await limits.set_limits(
            self.database, ME, subject, given, now=self._coin(), confirmed=True
        )

    async def _reassign(self) -> Done:
        wanted = Wanted(self._some("SELECT id FROM user_devices"))
        shown = await preview_reassign(self.database, wanted)
        return await reassign(self.database, ME, wanted, pinned=shown.pinned)

    async def _on(self) -> Done:
        return await engine_switch.engine_on(
            self.database, ME, now=self._coin(), gateway_configured=True
        )

    async def _stale(self) -> Done:
        older = self.random.choice((timedelta(minutes=5), timedelta(hours=20), timedelta(days=30)))
        return await skip_stale(self.database, ME, self._target(), older)
