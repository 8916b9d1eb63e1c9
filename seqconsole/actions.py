"""Key -> operation -> one clear line. Everything that changes something goes through here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

from engine.operations.model import Done, OperationRefused, Preview, Scope, Target
from engine.operations.repair import RepairPreview
from engine.operations.repair_facts import Selection
from engine.operations.resolve_preview import ResolvePreview
from engine.operations.resuming import Choice, ResumePreview
from engine.store.errors import StoreError
from seqconsole.person_actions import PersonActions, PersonVerbs
from seqconsole.reconnecting import reconnect
from seqconsole.text import count, harmless

ASK_ABOVE: Final = 50
"""A resume that lets out more messages than this asks first."""

Release = Callable[[], None]
Keys = Sequence[str] | None
Keep = Mapping[str, UUID] | None

EVERYTHING: Final = Target(Scope.ALL)


class RepairVerb(StrEnum):
    """What a key does to messages and contact rows."""

    RETRY = "retry"
    SKIP = "skip"
    MARK_SENT = "mark sent"


class Verbs(PersonVerbs, Protocol):
    """The operations of `engine.operations`, bound to a database and to who acts."""

    async def pause(self, target: Target, reason: str) -> Done:
        """Hold a target at once."""

    async def reconnect(self, target: Target) -> Done:
        """Let their gateways connect devices to WhatsApp anew; may take half a minute."""

    async def preview_resume(self, target: Target) -> ResumePreview:
        """What a resume would let out; n is the number of messages."""

    async def resume(self, target: Target, reason: str, choice: Choice | None = None) -> Done:
        """Lift one's own holds, ten seconds ahead; None: as the engine chooses."""

    async def preview_pause_all(self) -> Preview:
        """What a pause of everything would stop."""

    async def preview_resolve(self, keys: Keys, keep: Keep) -> ResolvePreview:
        """What resolving these groups (None = all) would do."""

    async def resolve(self, keys: Keys, pinned: str, keep: Keep) -> Done:
        """Resolve these groups as previewed; `keep` names the row to keep of a group."""

    async def preview_repair(self, verb: RepairVerb, selection: Selection) -> RepairPreview:
        """What a repair would do to what is selected."""

    async def repair(self, verb: RepairVerb, selection: Selection, pinned: str) -> Done:
        """Repair as previewed; what may be sent as a result waits ten seconds."""

    async def preview_move(self, device_id: UUID) -> Preview:
        """What moving a device's future to others would do; n is the number of open steps."""

    async def move(self, device_id: UUID, pinned: str) -> Done:
        """Move as previewed; what could go out waits ten seconds."""

    async def preview_undo(self, operation_id: int | None) -> Preview:
        """What an undo would put back; without an id of my latest operation."""

    async def undo(self, operation_id: int | None) -> Done:
        """Take an operation back."""

    async def preview_engine_on(self) -> Preview:
        """What the engine would send."""

    async def engine_on(self) -> Done:
        """Switch the engine on, ten seconds ahead."""

    async def engine_off(self) -> Done:
        """Switch the engine off at once."""


class Desk(Protocol):
    """What an action needs of the console."""

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run an action beside the screen."""

    def say(self, text: str, *, bad: bool = False) -> None:
        """Show one line."""

    def hold_keys(self) -> Release:
        """Keys wait from now on, until what is answered has been called."""

    async def ask(
        self, title: str, lines: Sequence[str], *, yes: str, danger: bool, ready: Release
    ) -> bool:
        """Ask; the order of the rows stands still meanwhile. `ready` is called when it shows."""

    async def choose(
        self, preview: ResumePreview, *, yes: str, danger: bool, ready: Release
    ) -> Choice | None:
        """Ask in which of the ways of a resume; None: not at all."""

    def poke(self) -> None:
        """Read again now."""

    def count_down(
        self, what: str, until: datetime | None, operation: int | None = None, many: int = 0
    ) -> None:
        """Show how long an act can still be taken back; None ends it.

        `many` messages are let out by it, also those that are spread over the time after.
        """

    def counts_down(self) -> int | None:
        """The operation whose countdown is shown; None: none of mine is."""

    def engine_is_on(self) -> bool:
        """The engine's switch, as last read."""

    async def ask_line(self, title: str, about: str, longest: int, ready: Release) -> str | None:
        """Ask for one line of text; None: given up. `ready` is called when it can be typed."""


class Actions(PersonActions):
    """The operator's verbs. They run one after the other, in the order of their keys."""

    def __init__(self, verbs: Verbs, desk: Desk) -> None:
        super().__init__(verbs, desk)
        self._verbs = verbs

    def pause(self, target: Target) -> None:
        """Pause a target; acts at once."""

        async def act(release: Release) -> None:
            release()
            await self._do(lambda: self._verbs.pause(target, ""))

        self._begin(act)

    def pause_many(self, target: Target, noun: str, *, filtered: bool = True) -> None:
        """Pause all that match, after a question that says how many, and whether that is everything."""
        n = f"{count(len(target.keys))} {noun}"
        which = "that match" if filtered else "— no filter is set, so that is all of them —"
        lines = (f"{n} {which} stop sending at once.", "z undoes it.")

        async def act(release: Release) -> None:
            if await self._ask(f"Pause {n}?", lines, f"Yes, {n}", release):
                await self._do(lambda: self._verbs.pause(target, ""))

        self._begin(act)

    def pause_all(self) -> None:
        """Pause everything, after a question."""

        async def act(release: Release) -> None:
            preview = await self._previewed(self._verbs.preview_pause_all)
            if preview and await self._agreed(preview, "Yes, pause all", release, danger=True):
                await self._do(lambda: self._verbs.pause(EVERYTHING, ""))

        self._begin(act)

    def reconnect(self, target: Target) -> None:
        """Reconnect devices at their gateways; out of turn, as it takes long."""
        self._desk.start(reconnect(self._verbs, self._desk, target))

    def resume(self, target: Target) -> None:
        """Resume a target; asks when that lets out many messages, or there is a way to choose."""
        self._resume(target, "Yes, {n}", ask_above=ASK_ABOVE)

    def resume_all(self) -> None:
        """Lift the hold on everything, after a question."""
        self._resume(EVERYTHING, "Yes, resume all", ask_above=-1)

    def _resume(self, target: Target, yes: str, *, ask_above: int) -> None:
        async def act(release: Release) -> None:
            preview = await self._tried(lambda: self._verbs.preview_resume(target))
            if preview is None:
                return
            choice, danger = None, ask_above < 0
            says = yes.format(n=count(preview.n))
            if preview.choices:
                choice = await self._desk.choose(preview, yes=says, danger=danger, ready=release)
                if choice is None:
                    return
            elif preview.n > ask_above and not await self._agreed(
                preview, says, release, danger=danger
            ):
                return
            release()
            await self._do(lambda: self._verbs.resume(target, "", choice), many=preview.n)

        self._begin(act)

    def resolve(
        self, keys: Keys, keep: Keep = None, then: Callable[[], None] | None = None
    ) -> None:
        """Resolve duplicate groups after a question; `then` is called when that was done."""

        async def act(release: Release) -> None:
            preview = await self._tried(lambda: self._verbs.preview_resolve(keys, keep))
            if preview is None:
                return
            groups = len(preview.groups) - len(preview.refused)
            if groups <= 0:
                self._desk.say(_nothing(preview), bad=True)
            elif await self._agreed(preview, f"Yes, {count(groups)}", release):
                done = await self._do(lambda: self._verbs.resolve(keys, preview.pinned, keep))
                if done and then is not None:
                    then()

        self._begin(act)

    def repair(self, verb: RepairVerb, selection: Selection, note: str = "") -> None:
        """Retry, skip or mark as sent, after a question that says how many and what goes out."""

        async def act(release: Release) -> None:
            preview = await self._tried(lambda: self._verbs.preview_repair(verb, selection))
            if preview is None:
                return
            if not preview.steps:
                self._desk.say(_nothing(preview), bad=True)
                return
            shown = replace(preview, lines=(note, *preview.lines)) if note else preview
            if await self._agreed(shown, f"Yes, {count(preview.steps)}", release):
                await self._do(lambda: self._verbs.repair(verb, selection, preview.pinned))

        self._begin(act)

    def look_at_move(self, device_id: UUID, then: Callable[[Preview | str], None]) -> None:
        """See what moving a device's future would do; `then` gets that, or why it can not be done."""

        async def act() -> None:
            try:
                then(await self._verbs.preview_move(device_id))
            except (OperationRefused, StoreError) as error:
                then(harmless(error, 300))
            # Whatever it died of, the screen must say something; its text may hold anything.
            except Exception as error:
                then(f"internal error ({type(error).__name__})")

        self._desk.start(act())

    def move(self, device_id: UUID, then: Callable[[], None]) -> None:
        """Move a device's future to others, after a question; `then` is called when that was done."""

        async def act(release: Release) -> None:
            preview = await self._previewed(lambda: self._verbs.preview_move(device_id))
            if preview is None:
                return
            if not preview.n:
                self._desk.say("Nothing waits for this device", bad=True)
                return
            stays = tuple(f"Stays: {line}" for line in preview.refused)
            shown = replace(preview, lines=(*preview.lines, *stays), refused=())
            if await self._agreed(shown, f"Yes, {count(preview.n)}", release):
                await self._do(lambda: self._verbs.move(device_id, preview.pinned))
                then()

        self._begin(act)

    def undo(self, operation_id: int | None = None) -> None:
        """Undo the operation named, else my latest, after a question that names it first.

        What still counts down is taken back at once: exactly the act that is shown.
        """

        async def act(release: Release) -> None:
            chosen = self._desk.counts_down() if operation_id is None else None
            if chosen is None:
                preview = await self._previewed(lambda: self._verbs.preview_undo(operation_id))
                if not preview or not await self._agreed(preview, "Yes, undo", release):
                    return
                chosen = int(preview.pinned)
            release()
            await self._do(lambda: self._verbs.undo(chosen), hint=False)

        self._begin(act)

    def switch_engine(self) -> None:
        """Switch the engine, after a question that tells what would be sent."""

        async def act(release: Release) -> None:
            if self._desk.engine_is_on():
                lines = ("Nothing more is claimed; what is in flight ends.", "z undoes it.")
                if await self._ask("Switch the engine off?", lines, "Yes, off", release):
                    await self._do(self._verbs.engine_off)
                return
            preview = await self._previewed(self._verbs.preview_engine_on)
            if preview and preview.refused:
                self._desk.say(f"The engine stays off: {'; '.join(preview.refused)}", bad=True)
            elif preview and await self._agreed(preview, "Yes, on", release, danger=True):
                await self._do(self._verbs.engine_on)

        self._begin(act)


def _nothing(preview: Preview) -> str:
    """Why there is nothing to do."""
    return preview.refused[0] if preview.refused else f"Nothing to {preview.verb}"
