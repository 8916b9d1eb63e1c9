"""Since when an operator was away: kept in the database, or on this machine for who may only look."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.reports.since import Changes, changes_since, last_here, note_here
from engine.store import Database, Refused, StoreError
from engine.store.address import without_secrets
from seqconsole.settings import state_home


@dataclass
class Absence:
    """One operator at one database. `may_write` false: presence is noted in a file of this account."""

    database: Database
    who: str
    may_write: bool = True

    @property
    def file(self) -> Path:
        """Where presence is noted by who may not write it into the database."""
        return state_home() / "seen.json"

    async def last(self) -> datetime | None:
        """When this operator was last here; None: never. Raises StoreError."""
        found = await last_here(self.database, self.who)
        noted = self._noted().get(self._key)
        with suppress(ValueError, TypeError):
            there = datetime.fromisoformat(noted or "")
            found = there if found is None else max(found, there)
        return found

    async def now(self) -> datetime:
        """The database's clock. Raises StoreError."""
        async with self.database.transaction(snapshot=True) as tx:
            return await tx.now()

    async def here(self) -> None:
        """Remember that the operator is here now. Where nothing can be written, nothing is remembered."""
        with suppress(StoreError, OSError):
            if self.may_write:
                try:
                    await note_here(self.database, self.who)
                    return
                except Refused:
                    self.may_write = False
            self._note(await self.now())

    async def changes(self, since: datetime) -> Changes:
        """What changed since then; quick, or not at all: raises Busy after 5 s."""
        return await changes_since(self.database, self.who, since, limit="5s")

    @property
    def _key(self) -> str:
        text = f"{without_secrets(self.database.access.conninfo)}\n{self.who}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _noted(self) -> Mapping[str, str]:
        try:
            found = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _note(self, at: datetime) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        new.write_text(json.dumps({**self._noted(), self._key: at.isoformat()}), encoding="utf-8")
        new.replace(self.file)
