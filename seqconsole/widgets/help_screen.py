"""Help: the keys of the screen below, read from its live bindings, so that it cannot drift."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from seqconsole.text import harmless
from seqconsole.widgets.cells import fit
from seqconsole.widgets.grid_view import GridView
from seqconsole.widgets.key_line import LiveKey, live_keys

HELP_WORDS = """\
Filter: words are AND · !word must be absent · state:paused in one field · "two words" together
a full phone number finds its masked row"""


@dataclass(frozen=True, slots=True)
class HelpPart:
    """A headed list of keys; `lines` are (keys, what they do)."""

    title: str
    lines: tuple[tuple[str, str], ...]


def help_parts(screen: Screen[Any]) -> tuple[HelpPart, ...]:
    """What can be pressed on a screen now: its own keys, the rows', then everywhere's."""
    keys = live_keys(screen)
    rows = [key for key in keys if isinstance(key.node, GridView)]
    everywhere = [key for key in keys if isinstance(key.node, App)]
    own = [key for key in keys if key not in rows and key not in everywhere]
    parts = (
        ("This screen", own),
        ("Rows", rows),
        ("Everywhere", everywhere),
    )
    return tuple(HelpPart(title, _lines(some)) for title, some in parts if some)


def _lines(keys: Iterable[LiveKey]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (key.label, key.description + ("" if key.enabled else " (not now)")) for key in keys
    )


class HelpScreen(ModalScreen[None]):
    """The help over a screen; any of its own keys closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 64; max-width: 96%; height: auto; max-height: 94%; scrollbar-size-vertical: 1;
        border: solid $primary; background: $surface; padding: 0 2;
        border-title-style: bold; border-title-color: $foreground;
        border-subtitle-color: $foreground-muted;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter,f1", "close", "Close"),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, title: str, parts: Sequence[HelpPart], words: str = HELP_WORDS) -> None:
        super().__init__()
        self._title = harmless(title, 60)
        self.parts = tuple(parts)
        self._words = words

    def compose(self) -> ComposeResult:
        """The parts, one below the other."""
        with VerticalScroll() as scroll:
            scroll.border_title = f"{self._title}: keys".replace("[", "\\[")
            scroll.border_subtitle = "esc closes"
            yield Static(self._content(), markup=False)

    def _content(self) -> Content:
        width = max((len(keys) for part in self.parts for keys, _ in part.lines), default=0)
        pieces: list[Content] = []
        for part in self.parts:
            pieces.append(Content.styled(f"{part.title}\n", "bold $text-accent"))
            for keys, words in part.lines:
                pieces.append(Content.styled(fit(keys, width + 2), "bold"))
                pieces.append(Content(f"{words}\n"))
            pieces.append(Content("\n"))
        pieces.append(Content.styled(self._words, "$foreground-muted"))
        return Content("").join(pieces)

    def action_close(self) -> None:
        """Back to the screen below."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
