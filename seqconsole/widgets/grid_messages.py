"""What a grid tells its screen."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from seqconsole.widgets.grid import Grid


class GridMessage(Message):
    """Something happened in a grid; `control` lets a screen tell its grids apart."""

    def __init__(self, grid: Grid[Any]) -> None:
        super().__init__()
        self.grid = grid

    @property
    def control(self) -> Grid[Any]:
        """The grid that sent this."""
        return self.grid


class Moved(GridMessage):
    """Another row, or none, is under the cursor; a newer one replaces one that waits."""

    def __init__(self, grid: Grid[Any], key: Hashable | None) -> None:
        super().__init__(grid)
        self.key = key

    def can_replace(self, message: Message) -> bool:
        """Only the latest place counts."""
        return isinstance(message, Moved) and message.grid is self.grid


class Opened(GridMessage):
    """The operator asks for what is behind a row."""

    def __init__(self, grid: Grid[Any], key: Hashable) -> None:
        super().__init__(grid)
        self.key = key


class SelectionChanged(GridMessage):
    """Rows were marked, unmarked or vanished; `marked` is how many are marked now."""

    def __init__(self, grid: Grid[Any], marked: int) -> None:
        super().__init__(grid)
        self.marked = marked

    def can_replace(self, message: Message) -> bool:
        """Only the latest number counts."""
        return isinstance(message, SelectionChanged) and message.grid is self.grid


class Refused(GridMessage):
    """A key of the grid has nothing to act on; `why` says so in words."""

    def __init__(self, grid: Grid[Any], why: str) -> None:
        super().__init__(grid)
        self.why = why


class Sorted(GridMessage):
    """The operator chose another order."""
