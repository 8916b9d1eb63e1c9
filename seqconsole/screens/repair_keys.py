"""`t` retry, `s` skip, `m` mark sent: what every list of messages or contact rows can do to its rows."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from engine.operations.repair_facts import Selection
from seqconsole.actions import RepairVerb
from seqconsole.screens.rows import RowsScreen
from seqconsole.widgets.columns import Row

ACTIONS: Final = ("retry", "skip", "mark_sent")


class RepairableRows(RowsScreen[Row]):
    """Rows whose key is the id of a message or of a contact row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "retry", "Retry"),
        Binding("s", "skip", "Skip", show=False),
        Binding("m", "mark_sent", "Mark as sent", show=False),
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

    def _repair(self, verb: RepairVerb) -> None:
        ids = tuple(self.key(row) for row in self.chosen_rows())
        self.console.actions.repair(verb, Selection(ids=ids))
