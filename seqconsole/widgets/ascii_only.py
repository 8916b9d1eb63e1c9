"""`--ascii`: every glyph of the console as a plain character, for terminals without the glyphs."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SWAPS = {
    "●": "*", "○": "o", "◐": "~", "◆": "+", "‖": "=", "›": ">", "»": ">", "√": "v", "×": "x",
    "▲": "^", "▼": "v", "▶": ">", "▮": "#", "▯": ".", "…": "~", "·": "-", "─": "-", "│": "|",
    "┌": "+", "┐": "+", "└": "+", "┘": "+", "═": "=", "←": "<", "→": ">", "—": "-",
    "╭": "+", "╮": "+", "╯": "+", "╰": "+", "━": "-", "┃": "|", "┏": "+", "┓": "+", "┗": "+",
    "┛": "+", "▁": ".", "▂": ".", "▃": ":", "▄": ":", "▅": "|", "▆": "|", "▇": "#", "█": "#",
    "▌": "|", "▐": "|", "▊": "|", "▎": "|", "▔": "-",
}  # fmt: skip
_TABLE = str.maketrans(_SWAPS)


class AsciiOnly(LineFilter):
    """Swaps the console's glyphs at the last moment; names of people stay as they are.

    `speaks` is the terminal's encoding, where it is not UTF-8: what that cannot say is drawn as `?`.
    """

    def __init__(self, speaks: str = "utf-8") -> None:
        super().__init__()
        self._speaks = speaks

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in plain characters, each as wide as before."""
        return [
            segment
            if segment.text.isascii()
            else Segment(self._said(segment.text), segment.style, segment.control)
            for segment in segments
        ]

    def _said(self, text: str) -> str:
        plain = text.translate(_TABLE)
        try:
            plain.encode(self._speaks)
        except UnicodeEncodeError:
            return "".join(self._one(character) for character in plain)
        return plain

    def _one(self, character: str) -> str:
        try:
            character.encode(self._speaks)
        except UnicodeEncodeError:
            return "?" * cell_len(character)
        return character
