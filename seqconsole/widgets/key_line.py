"""The footer: the keys of the moment on one line, those that cannot act dimmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from textual import events
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input

from seqconsole.widgets.cells import cell_width
from seqconsole.widgets.tones import Piece, Tone, TonedLine, fit_pieces

_NAMES = {
    "up": "up",
    "down": "down",
    "left": "left",
    "right": "right",
    "escape": "esc",
    "space": "space",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "plus": "+",
    "minus": "-",
}

# Textual's bindings of every screen and app, which say nothing about the console.
_TEXTUALS_OWN = frozenset(
    {
        "app.focus_next",
        "app.focus_previous",
        "screen.copy_text",
        "help_quit",
        "suspend_process",
        "command_palette",
    }
)

_SHOWN_WHILE_HELD = {"pause_all": False, "resume_all": True}


_ROOMY = 110


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A binding that holds at the moment: all its keys, what it does, and for whom."""

    keys: tuple[str, ...]
    description: str
    enabled: bool
    shown: bool
    node: DOMNode
    action: str

    @property
    def label(self) -> str:
        """The keys as drawn."""
        return " ".join(dict.fromkeys(self.keys))


def key_name(binding: Binding) -> str:
    """A key as the console writes it, in glyphs that every terminal font has."""
    if binding.key_display:
        return binding.key_display
    return _NAMES.get(binding.key, binding.key)


def live_keys(screen: Screen[Any]) -> list[LiveKey]:
    """The bindings that hold on a screen now, one entry an action, nearest to the focus first."""
    found: dict[tuple[int, str, str], LiveKey] = {}
    typing = isinstance(screen.focused, Input)
    for node, binding, enabled, _ in screen.active_bindings.values():
        if binding.system or not binding.description or binding.action in _TEXTUALS_OWN:
            continue
        if typing and len(key_name(binding)) == 1:
            continue
        same = (id(node), binding.action, binding.description)
        before = found.get(same)
        keys = (*before.keys, key_name(binding)) if before else (key_name(binding),)
        shown = binding.show or (before is not None and before.shown)
        found[same] = LiveKey(keys, binding.description, enabled, shown, node, binding.action)
    return list(found.values())


def key_pieces(keys: Iterable[LiveKey], width: int, last: Sequence[str] = ("?",)) -> list[Piece]:
    """The keys that fit a width; those in `last` are always among them, at the end.

    From `_ROOMY` cells on the screen's other keys follow, as many as there is room for.
    """
    given = list(keys)
    shown = [key for key in given if key.shown]
    more = [key for key in given if not key.shown and isinstance(key.node, Screen)]
    tail = [key for key in shown if key.keys[0] in last]
    left = width - sum(_width(key) for key in tail) + 2
    pieces: list[Piece] = []
    for key in shown:
        if key in tail:
            continue
        left -= _width(key)
        if left < 0:
            break
        pieces += _drawn(key)
    for key in reversed(more):  # a screen's own come behind those that all screens have
        if width >= _ROOMY and _width(key) <= left:
            left -= _width(key)
            pieces += _drawn(key)
    for key in tail:
        pieces += _drawn(key)
    return fit_pieces(pieces[:-1], width)


def _width(key: LiveKey) -> int:
    return cell_width(key.keys[0]) + 1 + cell_width(key.description) + 2


def _drawn(key: LiveKey) -> list[Piece]:
    tones = (Tone.ACCENT, Tone.PLAIN) if key.enabled else (Tone.MUTED, Tone.MUTED)
    return [(key.keys[0], tones[0]), (f" {key.description}", tones[1]), ("  ", Tone.PLAIN)]


class KeyLine(TonedLine):
    """The footer of every screen; a click does what the key does."""

    DEFAULT_CSS = "KeyLine { dock: bottom; background: $panel; padding: 0 1; }"

    _all_held = False

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[Any]) -> None:
        if self.is_attached and screen is self.screen:
            self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        """The line at a width."""
        keys = live_keys(self.screen)
        if self._all_held:
            keys = [replace(k, shown=_SHOWN_WHILE_HELD.get(k.action, k.shown)) for k in keys]
        return key_pieces(keys, width)

    def hold(self, held: bool) -> None:
        """While everything is held the line offers to resume it, not to pause it."""
        if held is not self._all_held:
            self._all_held = held
            self.refresh()

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        x = event.get_content_offset_capture(self).x
        by_key: Mapping[str, LiveKey] = {
            key.keys[0]: key for key in live_keys(self.screen) if key.enabled
        }
        pieces = self.pieces(self.size.width)
        at = 0
        for place in range(0, len(pieces) - 1, 3):
            at += sum(cell_width(text) for text, _ in pieces[place : place + 2])
            if x < at:
                key = by_key.get(pieces[place][0])
                if key is not None:
                    await self.app.run_action(key.action, default_namespace=key.node)
                return
            at += 2
