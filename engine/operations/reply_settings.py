"""What a reply does, as an operator sets it, by sequence or default; and the words that mean stop.

It counts for the replies that come from now on: who is held or suppressed stays so.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from engine.operations import journal
from engine.operations.model import Done, InFlight, OperationRefused, Preview
from engine.operations.undo_holds import ChangedUnit
from engine.store import Database, Transaction

UNIT: Final = "replies"
CHANGED: Final = "the settings changed since the preview; look again"
LONGEST_WORD: Final = 60
MOST_WORDS: Final = 100


class OnReply(StrEnum):
    """What a plain reply does to the sequence it answers, for that person."""

    GO_ON = "go on"
    PAUSE = "pause"
    END = "end"


@dataclass(frozen=True, slots=True)
class ReplySettings:
    """What is set: `default` and `sequences` (by id), and the words of each language."""

    default: OnReply
    sequences: Mapping[UUID, OnReply]
    words: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ReplyChange:
    """One setting to be: of a sequence (its id and name), or of the default. None forgets a sequence's own.

    `language` with `words` instead sets the words of a language; no words: none of it.
    """

    sequence: UUID | None = None
    name: str = ""
    act: OnReply | None = None
    language: str | None = None
    words: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """What it does, as a person says it."""
        if self.language is not None:
            return (
                f"the words of {self.language!r} that mean stop: {', '.join(self.words) or 'none'}"
            )
        whose = f"sequence {' '.join(self.name.split())[:80]}" if self.sequence else "the default"
        act = self.act.value if self.act else "as the default"
        return f"a reply to {whose}: {act}"


def read_words(text: str) -> tuple[str, ...]:
    """Words that are separated by commas; `none` for none. Raises OperationRefused."""
    words = [" ".join(word.split()).lower() for word in text.split(",")]
    words = [word for word in dict.fromkeys(words) if word]
    if words == ["none"]:
        return ()
    if not words or len(words) > MOST_WORDS or any(len(w) > LONGEST_WORD for w in words):
        raise OperationRefused(
            f"give up to {MOST_WORDS} words of up to {LONGEST_WORD} letters with commas between, or none"
        )
    if any(not any(c.isalnum() for c in word) for word in words):
        raise OperationRefused("a word that means stop has letters in it")
    return tuple(words)


def read_language(text: str) -> str:
    """A language's short name. Raises OperationRefused."""
    if re.fullmatch(r"[a-z]{2,3}(-[a-z]{2,8})?", text.lower()) is None:
        raise OperationRefused(f"{text[:20]!r} is no language: en, ms, id, zh, ta")
    return text.lower()


async def reply_settings(database: Database) -> ReplySettings:
    """What is set now."""
    async with database.transaction(snapshot=True) as tx:
        rows = await tx.dicts("operations/reply_settings")
        return _read(rows)


def _read(rows: Sequence[Mapping[str, Any]]) -> ReplySettings:
    default, words = OnReply.GO_ON, {}
    sequences = {}
    for row in rows:
        if row["name"] == "stop_words":
            found = row["value"] if isinstance(row["value"], dict) else {}
            words = {k: [str(w) for w in v] for k, v in found.items() if isinstance(v, list)}
        elif row["value"] in list(OnReply):
            if row["scope"] == "default":
                default = OnReply(row["value"])
            else:
                sequences[UUID(row["key"])] = OnReply(row["value"])
    return ReplySettings(default, sequences, words)


async def preview_replies(database: Database, change: ReplyChange) -> Preview:
    """What the change would do."""
    async with database.transaction() as tx:
        before = await _values(tx, change)
    written = _written(change, before)
    lines = (change.summary,) if written is not None else (f"{change.summary}: it is so already",)
    return Preview(
        "replies", "Change what replies do?", lines, int(written is not None), _pin(before)
    )


async def set_replies(
    database: Database, who: str, change: ReplyChange, *, pinned: str, reason: str | None = None
) -> Done:
    """Make the change, as previewed. Raises OperationRefused where the settings changed since."""
    async with database.transaction(writer="operator") as tx:
        await tx.lock_gate(exclusive=True)
        now = await tx.now()
        before = await _values(tx, change)
        if _pin(before) != pinned:
            raise OperationRefused(CHANGED)
        written = _written(change, before)
        if written is None:
            return Done(None, 0, f"{change.summary}: it is so already")
        scope, key = _place(change)
        name, value = written
        operation = await journal.record(
            tx,
            who=who,
            verb="replies",
            now=now,
            n=1,
            summary=f"set {change.summary}",
            reason=reason,
            target={"scope": scope, "key": key},
            pinned=pinned,
        )
        await tx.run(
            "operations/write_settings",
            operation=operation,
            scope=scope,
            key=key,
            unit=UNIT,
            names=[] if value is None else [name],
            values=[] if value is None else [json.dumps(value)],
            gone=[name] if value is None else [],
        )
    return Done(operation, 1, f"set {change.summary}")


def _place(change: ReplyChange) -> tuple[str, str]:
    return ("default", "") if change.sequence is None else ("sequence", str(change.sequence))


async def _values(tx: Transaction, change: ReplyChange) -> dict[str, Any]:
    scope, key = _place(change)
    rows = await tx.dicts("operations/own_settings", scope=scope, key=key)
    return {r["name"]: r["value"] for r in rows if r["name"] in ("on_reply", "stop_words")}


def _written(change: ReplyChange, before: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The setting's name and its new value (None: no row); None where it is so already."""
    if change.language is not None:
        found = before.get("stop_words")
        words = dict(found) if isinstance(found, dict) else {}
        if words.get(change.language, []) == list(change.words):
            return None
        words.pop(change.language, None)
        return "stop_words", words | ({change.language: list(change.words)} if change.words else {})
    if before.get("on_reply") == (change.act.value if change.act else None):
        return None
    return "on_reply", change.act.value if change.act else None


def _pin(before: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(before, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RepliesUndo:
    """Undo of a change of what replies do: the settings as they were."""

    operation: int
    noun: ClassVar[str] = "setting"

    async def lock(self, tx: Transaction) -> None:
        """The gate, as the change itself."""
        await tx.lock_gate(exclusive=True)

    async def lock_rows(self, tx: Transaction, units: Sequence[str]) -> None:
        """The gate is enough."""

    async def blocked(self, tx: Transaction, units: Sequence[str], now: datetime) -> dict[str, str]:
        """Somebody set them again since."""
        of = {"operation": self.operation, "units": list(units)}
        changed = await tx.rows(ChangedUnit, "operations/changed_settings", **of)
        return {c.unit: "this was set again since" for c in changed}

    async def restore(
        self, tx: Transaction, undo: int, units: Sequence[str], now: datetime
    ) -> datetime | None:
        """The settings as they were: nothing is sent as a result."""
        await tx.run("operations/restore_settings", operation=self.operation, units=list(units))
        return None

    async def flying(self, tx: Transaction, units: Sequence[str]) -> Sequence[InFlight]:
        """It stops nothing that is on its way."""
        return ()
