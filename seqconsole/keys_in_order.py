"""Keys act one after the other, and wait for what they are about: the first data, a question.

Textual hands a key to the widget that has the focus now. Keys typed ahead (`3 x y`) would reach
the wrong screen; here each key finds the screen that the keys before it made.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from seqconsole.crash import QuietCrash
from seqconsole.keyboard import Keyboard
from seqconsole.widgets.filter_bar import FilterInput

MOST_WAITING: Final = 64
"""Keys beyond these are dropped: nobody types so far ahead, a paste by mistake does."""

LOOKS_EACH: Final = 0.1
"""Seconds between two looks whether the widget that `enter` went to is still there to answer."""

_ALWAYS = frozenset({"ctrl+q", "ctrl+c"})
_LOOKING = frozenset(
    {"escape", "q", "question_mark", "left_square_bracket", "right_square_bracket"}
    | {str(number) for number in range(1, 7)}
)


class Passed(Message):
    """Sent after a key; it comes to the app behind everything that the key has sent."""


class KeysInOrder(QuietCrash):
    """An app that runs the bindings of a key itself, in the order in which keys were pressed."""

    def __init__(self) -> None:
        super().__init__()
        if self.driver_class is LinuxDriver:
            self.driver_class = Keyboard
        self._waiting_keys: deque[events.Key] = deque()
        self._preparing = 0
        self._opens: Timer | None = None

    @property
    def waiting_keys(self) -> int:
        """How many keys wait."""
        return len(self._waiting_keys)

    def screen_waits(self) -> bool:
        """Whether the screen on top has nothing to act on yet."""
        return False

    def screen_stands(self) -> bool:
        """Whether the screen on top has been built, so that it can take a key at all."""
        return True

    def begin_preparing(self) -> None:
        """A question is being prepared; keys wait for it."""
        self._preparing += 1

    def end_preparing(self) -> None:
        """The question is there, or there will be none."""
        self._preparing -= 1
        self.let_keys_in()

    def let_keys_in(self) -> None:
        """Run the keys that wait, as far as they need not wait any longer."""
        if self._waiting_keys:
            self.call_later(self._run_waiting)

    def drop_waiting_keys(self) -> int:
        """Forget the keys that wait: what they were meant for is not there."""
        dropped = len(self._waiting_keys)
        self._waiting_keys.clear()
        return dropped

    def keep_filter(self) -> None:
        """The operator ended a filter with enter."""

    def drop_filter(self) -> None:
        """The operator gave up a filter with esc."""

    def explain_key(self, key: str) -> None:
        """A key did nothing: say why, if it means something here."""

    def before_key(self) -> None:
        """A key comes: what the one before could not do need not be said any longer."""

    async def on_event(self, event: events.Event) -> None:
        """Keys are queued or run; everything else is Textual's matter."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        self.app_focus = True
        if event.key in _ALWAYS:
            await self._run_key(event)
        elif self._waiting_keys or (self.must_wait() and not self._may_pass(event.key)):
            if len(self._waiting_keys) < MOST_WAITING:
                self._waiting_keys.append(event)
        else:
            await self._run_key(event)

    def must_wait(self) -> bool:
        """Whether a key would wait now."""
        return self._preparing > 0 or not self.screen_stands() or self.screen_waits()

    def _may_pass(self, key: str) -> bool:
        """Keys that only look or leave need no data."""
        return self._preparing == 0 and self.screen_stands() and key in _LOOKING

    async def _run_waiting(self) -> None:
        while self._waiting_keys:
            if self.must_wait() and not self._may_pass(self._waiting_keys[0].key):
                break
            await self._run_key(self._waiting_keys.popleft())

    async def _run_key(self, event: events.Key) -> None:
        self.before_key()
        focused = self.focused
        if isinstance(focused, FilterInput):
            await self._type(focused, event)
        elif isinstance(focused, Input):
            await super().on_event(event)
        elif not (
            await self._check_bindings(event.key, priority=True)
            or await self._check_bindings(event.key)
        ):
            self.explain_key(event.key)
        elif event.key == "enter" and focused is not None:
            self._wait_for_what_opens(focused)

    def _wait_for_what_opens(self, focused: Widget) -> None:
        """What `enter` opens comes some messages later: the keys behind it are meant for that."""
        self.begin_preparing()
        self._opens = self.set_interval(LOOKS_EACH, lambda: self._give_up_on(focused))
        focused.post_message(Passed())

    def _give_up_on(self, focused: Widget) -> None:
        if not focused.is_attached:
            self.on_passed()

    def on_passed(self) -> None:
        """What the key has sent is done; or its widget is gone, and nothing more will come."""
        if self._opens is not None:
            self._opens.stop()
            self._opens = None
            self.end_preparing()

    async def _type(self, line: FilterInput, event: events.Key) -> None:
        """Type into the filter line at once: a key behind it must find the filter as it is."""
        if event.key in {"enter", "down"}:
            self.keep_filter()
        elif event.key == "escape":
            self.drop_filter()
        elif event.is_printable and event.character is not None:
            line.insert_text_at_cursor(event.character)
        elif not await self._check_bindings(event.key, priority=True):
            await self._check_bindings(event.key)
