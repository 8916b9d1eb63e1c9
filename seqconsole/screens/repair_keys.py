"""`t` retry, `s` skip, `m` mark sent: what every list of messages or contact rows can do to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType

from engine.operations.repair_facts import Selection
from seqconsole.actions import RepairVerb
from seqconsole.screens.message_rows import MessageRow
from seqconsole.screens.rows import RowsScreen
from seqconsole.selecting import failed_selection
from seqconsole.widgets.columns import Row
from seqconsole.widgets.filter_bar import FilterBar

_LISTED: Final = 500
"""So many messages a list shows at most."""

ACTIONS: Final = ("retry", "skip", "mark_sent", "suppress")


class RepairableRows(RowsScreen[Row]):
    """Rows whose key is the id of a message or of a contact row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "retry", "Retry"),
        Binding("s", "skip", "Skip", show=False),
        Binding("m", "mark_sent", "Mark as sent", show=False),
        Binding("X", "suppress", "Nothing more to this person (stop)", show=False),
    ]

    def refusal(self, action: str) -> str:
        """These keys need a row."""
        if action in ACTIONS and not self.has_chosen:
            return f"no {self.NOUN.removesuffix('s')} under the cursor"
        return super().refusal(action)

    def action_retry(self) -> None:
        """Queue what failed again."""
        self._repair(RepairVerb.RETRY)

    def action_skip(self) -> None:
        """Send these no more; the next step follows."""
        self._repair(RepairVerb.SKIP)

    def action_mark_sent(self) -> None:
        """Say that these were sent."""
        self._repair(RepairVerb.MARK_SENT)

    def action_suppress(self) -> None:
        """Send these people nothing more, in any sequence."""
        rows: Sequence[Any] = self.chosen_rows()
        keys = sorted({row.view.phone_key for row in rows if row.view.phone_key is not None})
        if keys:
            self.console.actions.suppress(keys)
        else:
            self.console.say("This phone can not be one: nothing is ever sent to it.", bad=True)

    def _repair(self, verb: RepairVerb) -> None:
        ids = tuple(self.key(row) for row in self.chosen_rows())
        self.console.actions.repair(verb, Selection(ids=ids))


class RetryMatching(RepairableRows[MessageRow]):
    """A list of messages whose bulk act retries all failed ones that match its filter."""

    def retry_matching(self, every: Selection) -> None:
        """Retry what failed of `every` and matches; by words only what is listed can be matched."""
        snapshot = self.console.snapshot
        chosen = self.query_one(FilterBar).chosen
        if snapshot is None:
            return
        found = failed_selection(chosen, snapshot.figures)
        if found is not None:
            devices = every.devices if every.devices is not None else found.devices
            self.console.actions.repair(RepairVerb.RETRY, replace(found, devices=devices))
            return
        ids = tuple(r.view.id for r in self.grid.matching_rows if r.view.status == "failed")
        if not ids:
            self.console.say(f"No failed message matches /{chosen.text}", bad=True)
            return
        cut = self.grid.total >= _LISTED
        note = (
            "Words match only the messages listed; state: device: seq: error: reach all."
            if cut
            else ""
        )
        self.console.actions.repair(RepairVerb.RETRY, Selection(ids=ids), note=note)
