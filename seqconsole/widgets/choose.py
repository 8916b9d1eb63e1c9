"""A question with several ways to say yes: a key chooses the way, `y` takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widgets import Static

from seqconsole.text import harmless
from seqconsole.widgets.confirm import Confirm

WAY_KEYS: Final = ("s", "f", "k")
"""The keys that may choose a way."""

_CHOSEN: Final = "●"
_OTHER: Final = "○"


@dataclass(frozen=True, slots=True)
class Option:
    """One way: the key that chooses it, and what it would do. Ways of one key take turns."""

    key: str
    line: str


class Choose(Confirm):
    """Asks which way; the first is chosen at first. `chosen` is the place of the way among those given."""

    DEFAULT_CSS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"way('{key}')", "Choose", show=False) for key in WAY_KEYS
    ]

    def __init__(
        self,
        title: str,
        before: Sequence[str],
        options: Sequence[Option],
        after: Sequence[str],
        *,
        yes: str,
        danger: bool = False,
    ) -> None:
        self.chosen = 0
        self._before, self._after = tuple(before), tuple(after)
        self._options = tuple(options)
        super().__init__(title, self._texts_of(), yes=yes, danger=danger)

    def _texts_of(self) -> Sequence[str]:
        ways = [
            f" {_CHOSEN if at == self.chosen else _OTHER} {o.key}  {harmless(o.line, 300)}"
            for at, o in enumerate(self._options)
        ]
        keys = ", ".join(dict.fromkeys(o.key for o in self._options))
        return (*self._before, "", *ways, f"   {keys}: choose; y takes what is marked {_CHOSEN}.", "",
                *self._after)  # fmt: skip

    def action_way(self, key: str) -> None:
        """A way's key chooses it, the next of its ways when it is chosen already."""
        places = [at for at, o in enumerate(self._options) if o.key == key]
        if not places:
            return
        at = places.index(self.chosen) + 1 if self.chosen in places else 0
        self.chosen = places[at % len(places)]
        self.query_one("#lines Static", Static).update("\n".join(self._texts_of()))
