"""Asks for one line of text."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from seqconsole.text import harmless


class LineDialog(ModalScreen[str | None]):
    """One line: enter gives it back, esc gives nothing."""

    DEFAULT_CSS = """
    LineDialog { align: center middle; }
    LineDialog Vertical {
        width: 76; max-width: 96%; height: auto; border: solid $primary; background: $surface;
        padding: 0 2; border-title-style: bold; border-title-color: $foreground;
        border-subtitle-color: $foreground-muted;
    }
    LineDialog Static { height: auto; width: 100%; margin: 1 0; }
    LineDialog Input, LineDialog Input:focus {
        border: none; height: 1; padding: 0; margin-bottom: 1; background: $panel;
    }
    LineDialog:ansi Input { text-style: underline; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Cancel")]
    AUTO_FOCUS = "Input"

    def __init__(self, title: str, about: str, longest: int) -> None:
        super().__init__()
        self.question = harmless(title, 60)
        self._about = harmless(about, 300)
        self._longest = longest

    def compose(self) -> ComposeResult:
        """What is asked for, and the line."""
        with Vertical() as dialog:
            dialog.border_title = self.question.replace("[", "\\[")
            dialog.border_subtitle = "enter writes it, esc does not"
            yield Static(self._about, markup=False)
            yield Input(max_length=self._longest, compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """enter."""
        event.stop()
        self.dismiss(event.value)

    def action_give_up(self) -> None:
        """esc."""
        self.dismiss(None)
