"""`--ascii`: every glyph of the console as a plain character, for terminals without the glyphs."""

from __future__ import annotations

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
    """Swaps the console's glyphs at the last moment; names of people stay as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in plain characters, each as wide as before."""
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(_TABLE), segment.style, segment.control)
            for segment in segments
        ]
