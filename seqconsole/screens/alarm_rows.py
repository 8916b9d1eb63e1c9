"""The alarms of the status strip on the Health screen: each in full, with what ends it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from engine.views import AlarmView
from seqconsole.options import ConsoleOptions
from seqconsole.readings import Subject
from seqconsole.screens.health_row import ALARM, HealthRow
from seqconsole.state import NOBODY, Snapshot, alarms

_ENDS: Final = (
    ("ALL PAUSED", "R resumes; 6 says who"),
    ("READ-ONLY", "nothing is sent until the server takes writes again"),
    ("engine here", "seqconsole worker, or start this console again"),
    ("claims are slow", "look at the server's load; seqconsole doctor"),
)
_SUBJECTS: Final = {
    "homeless": Subject.CONTACT,
    "refused step": Subject.CONTACT,
    "stranded": Subject.DEVICE,
}


def alarm_rows(
    snapshot: Snapshot, options: ConsoleOptions, unclaimable: Sequence[AlarmView]
) -> list[HealthRow]:
    """A row for each alarm; of what nobody can claim one for each gate, with examples under enter."""
    rows = [
        HealthRow(text, 1, ALARM, _ends(text))
        for text in alarms(snapshot.overview, options)
        if not (unclaimable and text.startswith(NOBODY))
    ]
    for each in unclaimable:
        subject = _SUBJECTS.get(each.scope, Subject.MESSAGE)
        about: tuple[Subject, UUID] | None = (subject, each.ids[0]) if each.ids else None
        rows.append(
            HealthRow(each.text, len(each.ids), f"{ALARM}: {NOBODY}", each.repair, about=about)
        )
    return rows


def _ends(text: str) -> str:
    if "versions" in text:
        return "stop the older worker and start the new version there"
    return next((ends for begins, ends in _ENDS if text.startswith(begins)), "seqconsole doctor")
