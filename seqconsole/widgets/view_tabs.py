"""The line of the console's views: `1 Devices  2 Sequences  3 Duplicates (41) …`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from seqconsole.text import short_count
from seqconsole.widgets.cells import cell_width
from seqconsole.widgets.tones import Piece, Tone, TonedLine, fit_pieces


@dataclass(frozen=True, slots=True)
class View:
    """One view: the key that opens it, its name, and its name where room is short."""

    key: str
    name: str
    short: str


VIEWS = (
    View("1", "Devices", "Dev"),
    View("2", "Sequences", "Seq"),
    View("3", "Duplicates", "Dup"),
    View("4", "Queue", "Que"),
    View("5", "Health", "Hea"),
    View("6", "Journal", "Jou"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A view as drawn: `x` is its first cell."""

    view: View
    text: str
    tone: Tone
    x: int


def tabs(
    views: Sequence[View], active: str, counts: Mapping[str, int], width: int
) -> tuple[Tab, ...]:
    """The views at a width: full names, else short ones, else short ones but the active's."""
    for names in (_full, _short, _bare):
        texts = [names(view, view.key == active, counts.get(view.key, 0)) for view in views]
        if sum(cell_width(text) for text in texts) + len(texts) - 1 <= width:
            break
    return tuple(_placed(views, texts, active, counts))


def _placed(
    views: Sequence[View], texts: Sequence[str], active: str, counts: Mapping[str, int]
) -> Iterator[Tab]:
    x = 0
    for view, text in zip(views, texts, strict=True):
        tone = Tone.WARN if counts.get(view.key) else Tone.MUTED
        yield Tab(view, text, Tone.BADGE if view.key == active else tone, x)
        x += cell_width(text) + 1


def _full(view: View, active: bool, number: int) -> str:
    return _framed(f"{view.key} {view.name}{_counted(number)}", active)


def _short(view: View, active: bool, number: int) -> str:
    return _framed(f"{view.key} {view.short}{_counted(number)}", active)


def _bare(view: View, active: bool, number: int) -> str:
    return _framed(f"{view.key} {view.short}" if active else view.key, active)


def _counted(number: int) -> str:
    return f" ({short_count(number)})" if number else ""


def _framed(text: str, active: bool) -> str:
    return f"›{text} " if active else f" {text} "


class ViewTabs(TonedLine):
    """The views, the active one marked; a click chooses."""

    DEFAULT_CSS = "ViewTabs { background: $surface; padding: 0 1; }"

    class Chosen(Message):
        """The operator clicked on a view; `view` is its key."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def __init__(
        self, active: str, *, views: Sequence[View] = VIEWS, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.views = tuple(views)
        self.active = active
        self._counts: dict[str, int] = {}

    def set_active(self, view: str) -> None:
        """Mark a view as the one on the screen."""
        if view != self.active:
            self.active = view
            self.refresh()

    def set_count(self, view: str, number: int) -> None:
        """Show a number behind a view's name, as duplicates; 0 shows none."""
        if self._counts.get(view, 0) != number:
            self._counts[view] = number
            self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        """The line at a width."""
        drawn: list[Piece] = []
        for tab in tabs(self.views, self.active, self._counts, width):
            drawn += [(" ", Tone.PLAIN)] if drawn else []
            drawn.append((tab.text, tab.tone))
        return fit_pieces(drawn, width)

    def on_click(self, event: events.Click) -> None:
        """Choose the view under the mouse."""
        x = event.get_content_offset_capture(self).x
        for tab in tabs(self.views, self.active, self._counts, self.size.width):
            if tab.x <= x < tab.x + cell_width(tab.text):
                self.post_message(self.Chosen(tab.view.key))
