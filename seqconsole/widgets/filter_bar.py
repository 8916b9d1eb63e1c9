"""The filter line, the console's only input: `/` opens it, it filters as typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from seqconsole.filtering import LONGEST, Filter, parse


class FilterInput(Input):
    """The input of the filter line; every printable key is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down", "submit", "Keep", key_display="enter"),
    ]


class FilterBar(Horizontal):
    """Hidden without a filter; enter keeps it, esc clears it, both give back the focus."""

    DEFAULT_CSS = """
    FilterBar { height: 1; display: none; background: $surface; padding: 0 1; }
    FilterBar.-shown { display: block; }
    FilterBar Label { width: 2; color: $text-accent; text-style: bold; }
    FilterBar Input, FilterBar Input:focus { border: none; height: 1; padding: 0; width: 1fr; }
    FilterBar Input { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "Clear", key_display="esc"),
    ]

    class Filtered(Message):
        """The filter is another one now, also while it is typed."""

        def __init__(self, bar: FilterBar, chosen: Filter) -> None:
            super().__init__()
            self.bar = bar
            self.chosen = chosen

        @property
        def control(self) -> FilterBar:
            """The bar that sent this."""
            return self.bar

    def __init__(self, gives_back_to: str | None = None, *, id: str | None = None) -> None:
        """`gives_back_to` is a selector of the widget that gets the focus, else the last one."""
        super().__init__(id=id)
        self.chosen = Filter()
        self._gives_back_to = gives_back_to
        self._came_from: Widget | None = None

    def compose(self) -> ComposeResult:
        """The sign and the input."""
        yield Label("/", markup=False)
        yield FilterInput(
            max_length=LONGEST,
            placeholder='words · !not · state:paused · "a name" · a phone number',
            select_on_focus=False,
            compact=True,
        )

    def open(self) -> None:
        """Show the line and type into it."""
        self._came_from = self.screen.focused
        self.add_class("-shown")
        # Widget.focus() comes some messages later, and would take the keys back from who has them then.
        self.screen.set_focus(self.query_one(Input))

    def clear(self) -> bool:
        """Drop the filter and hide the line; whether there was anything to drop."""
        had = bool(self.query_one(Input).value) or self.has_class("-shown")
        self.query_one(Input).value = ""
        self._choose("")
        self.remove_class("-shown")
        self._give_back()
        return had

    def set_text(self, text: str) -> None:
        """Filter by a text without the operator typing it."""
        self.query_one(Input).value = text
        self.set_class(bool(text.strip()), "-shown")
        self._choose(text)

    def action_keep(self) -> None:
        """Go back to the rows with the filter as it stands."""
        self.set_class(bool(self.query_one(Input).value.strip()), "-shown")
        self._give_back()

    def action_clear(self) -> None:
        """Go back to the rows without a filter."""
        self.clear()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as typed."""
        event.stop()
        self._choose(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps the filter."""
        event.stop()
        self.action_keep()

    def _choose(self, text: str) -> None:
        chosen = parse(text)
        if chosen.text != self.chosen.text:
            self.chosen = chosen
            self.post_message(self.Filtered(self, chosen))

    def _give_back(self) -> None:
        if not self.query_one(Input).has_focus:
            return
        target = self.screen.query_one(self._gives_back_to) if self._gives_back_to else None
        target = target or self._came_from
        if target is not None and target.is_attached:
            self.screen.set_focus(target)
        else:
            self.screen.set_focus(None)
