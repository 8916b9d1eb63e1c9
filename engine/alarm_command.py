"""Tells a command of the operator's about new alarms (`on_alarm`): JSON on its standard input.

It runs without a shell and without our secrets, at most once a minute whatever the number of workers, and is
ended after ten seconds. Each alarm is told once; where the command fails, again a minute later.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.operations.journal import without_secrets
from engine.phones import without_phones
from engine.store import Database

log = logging.getLogger(__name__)

APART: Final = timedelta(minutes=1)
"""Between two runs of the command, over all workers."""

AT_MOST: Final = 10.0
"""Seconds that a run may take."""

MOST: Final = 50
"""Alarms in one run; `more` says how many others there are."""

LOOKED_AT: Final = 1000
KEPT: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""All that the command sees of the worker's environment: settings with passwords are not among it."""

_TOKEN: Final = re.compile(
    r"(?i)(\b[a-z_-]*(?:token|secret|api_?key)[\"']?\s*[:=]\s*[\"']?"
    r"|\bauthorization[\"']?\s*[:=]\s*[\"']?(?:basic\s+|bearer\s+)?|\bbearer\s+)[^\s\"'&,]{4,}"
)


@dataclass(frozen=True, slots=True)
class CalledAlarm:
    """What calls for an operator now. The text comes from the database unclean."""

    key: str
    kind: str
    since: datetime
    text: str


@dataclass(frozen=True, slots=True)
class _Key:
    key: str


@dataclass(frozen=True, slots=True)
class AlarmCommand:
    """The command, by its words; `place` names the database, `at_most` is in seconds."""

    words: Sequence[str]
    place: str
    at_most: float = AT_MOST

    async def tell(self, database: Database) -> int:
        """Tell the command of what is new; returns how many alarms it took. Raises StoreError."""
        async with database.transaction() as tx:
            now = await tx.now()
            alarms = await tx.rows(CalledAlarm, "reports/alarms", now=now, limit=LOOKED_AT)
            keys = [alarm.key for alarm in alarms]
            taken = await tx.rows(
                _Key,
                "engine/take_alarms",
                keys=keys,
                sinces=[alarm.since for alarm in alarms],
                now=now,
                lease=APART,
            )
            await tx.run("engine/see_alarms", keys=keys, now=now)
        mine = {each.key for each in taken}
        new = [alarm for alarm in alarms if alarm.key in mine]
        if not new or not await self._run(self._document(new, now)):
            return 0
        async with database.transaction() as tx:
            await tx.run("engine/alarms_were_told", keys=sorted(mine), now=await tx.now())
        return len(new)

    def _document(self, new: Sequence[CalledAlarm], now: datetime) -> bytes:
        told = [
            {"kind": alarm.kind, "text": clean(alarm.text), "since": alarm.since.isoformat()}
            for alarm in new[:MOST]
        ]
        document = {
            "database": self.place,
            "at": now.isoformat(),
            "alarms": told,
            "more": len(new) - len(told),
        }
        return json.dumps(document).encode() + b"\n"

    async def _run(self, document: bytes) -> bool:
        """Whether the command took it."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self.words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment(os.environ),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            log.warning("on_alarm: %s", type(error).__name__)
            return False
        try:
            async with asyncio.timeout(self.at_most):
                await process.communicate(document)
        except TimeoutError:
            log.warning("on_alarm: ended after %.0f s", self.at_most)
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if (process.returncode or 0) > 0:
            log.warning("on_alarm: exit code %d", process.returncode)
        return process.returncode == 0


def environment(whole: Mapping[str, str]) -> dict[str, str]:
    """What the command may see of an environment."""
    return {name: whole[name] for name in KEPT if name in whole}


def clean(text: str) -> str:
    """A text for others: one line, bounded, no phone number, nothing like a password or a token."""
    return without_phones(_TOKEN.sub(r"\1***", without_secrets(text)))
