"""One line of the Health screen. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.doctor import Finding
from seqconsole.readings import Subject
from seqconsole.widgets.tones import Tone

ALARM: Final = "the status strip alarms of it"
"""What a row means that the strip alarms of."""


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One thing that is looked at: how many are wrong, and the repair. 0 is well.

    `finding` is what the doctor says of it; without one it is counted live. `view` is where it is put
    right: the key of a view, and what to filter it by; `about` an example that enter explains.
    """

    name: str
    n: int
    means: str
    repair: str
    view: str = ""
    grave: bool = True
    finding: Finding | None = None
    about: tuple[Subject, UUID] | None = None

    @property
    def key(self) -> str:
        """What tells it apart."""
        if self.finding:
            return self.finding.check.name
        return f"{'alarm' if self.means.startswith(ALARM) else 'live'} {self.name}"

    @property
    def tone(self) -> Tone:
        """Well, to be looked at, or wrong."""
        if not self.n:
            return Tone.OK
        return Tone.BAD if self.grave else Tone.WARN
