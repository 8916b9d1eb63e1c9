"""The question before an act: what will happen in numbers, and No as the answer at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from seqconsole.text import harmless
from seqconsole.widgets.cells import cell_width

_WIDEST = 102
_FRAME = 8
"""Cells of border, padding and the title's corners."""
_ANSWERS = 16
"""Cells of both answers without the words of yes."""


class Confirm(ModalScreen[bool]):
    """Asks yes or no: `y` is yes, `n` and esc are no, the focus is on No (DESIGN 7).

    The number belongs into `title` or `yes` ("Yes, 41"); `lines` is the preview. `danger`
    frames it as an act that is hard to take back.
    """

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm #dialog {
        min-width: 40; max-width: 92%; height: auto; max-height: 90%;
        border: solid $primary; background: $surface; padding: 0 2;
        border-title-style: bold; border-title-color: $foreground;
    }
    Confirm.-danger #dialog { border: solid $error; }
    Confirm #lines { height: auto; max-height: 100%; width: 100%; margin: 1 0; }
    Confirm #lines Static { width: 100%; }
    Confirm #answers { height: 1; width: 100%; align-horizontal: right; margin-bottom: 0; }
    Confirm Button { margin-left: 2; min-width: 8; background: $panel; text-style: none; }
    Confirm Button:focus {
        background: $primary; color: $foreground; text-style: bold;
        background-tint: $foreground 0%;
    }
    Confirm:ansi Button:focus { background: ansi_default; text-style: bold reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape", "answer(False)", "No"),
        Binding("left,right,h,l", "other", "Other answer", show=False),
    ]
    AUTO_FOCUS = "#no"

    def __init__(
        self, title: str, lines: Sequence[str] = (), *, yes: str = "Yes", danger: bool = False
    ) -> None:
        super().__init__(classes="-danger" if danger else None)
        self.question = harmless(title, 100)
        self.lines = tuple(harmless(line, 400) for line in lines)
        self._yes = harmless(yes, 40)
        self._answered = False

    def compose(self) -> ComposeResult:
        """The lines and the two answers."""
        with Vertical(id="dialog") as dialog:
            # A border title is markup: harmless text may still hold brackets.
            # An automatic width would let lines run out of a narrow terminal instead of wrapping.
            dialog.styles.width = min(_WIDEST, max(map(cell_width, self._texts())) + _FRAME)
            dialog.border_title = self.question.replace("[", "\\[")
            with VerticalScroll(id="lines", can_focus=False):
                yield Static("\n".join(self.lines), markup=False)
            with Horizontal(id="answers"):
                yield Button(Content(f" y  {self._yes} "), id="yes", compact=True)
                yield Button(Content(" n  No "), id="no", compact=True)

    def _texts(self) -> Sequence[str]:
        return (self.question, f"{self._yes}{' ' * _ANSWERS}", *self.lines)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_answer(event.button.id == "yes")

    def on_key(self, event: events.Key) -> None:
        """The keys of an answer end here; the screen below never gets them."""
        if event.key in {"y", "n", "escape"}:
            event.stop()
            event.prevent_default()
            self.action_answer(event.key == "y")

    def action_answer(self, yes: bool) -> None:
        """Close with an answer, once."""
        if not self._answered:
            self._answered = True
            self.dismiss(yes)

    def action_other(self) -> None:
        """Put the focus on the other answer."""
        self.query_one("#yes" if self.query_one("#no").has_focus else "#no").focus()
