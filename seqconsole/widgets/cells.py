"""Widths in terminal cells: cutting, padding, bars and sparklines. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from seqconsole.text import ELLIPSIS

_LEVELS = "▁▂▃▄▅▆▇█"


def cell_width(text: str) -> int:
    """How many cells a text takes; wide characters take two."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, width: int) -> str:
    """The text, shortened to a width with an ellipsis where it is longer."""
    if cell_width(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[:width]
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def shortened(text: str, width: int) -> str:
    """The text without what is beyond a width, and without an ellipsis."""
    return text if cell_width(text) <= width else set_cell_size(text, max(0, width)).rstrip()


def fit(text: str, width: int, right: bool = False) -> str:
    """The text cut or padded to exactly a width in cells."""
    short = cut(text, width)
    pad = " " * (width - cell_width(short))
    return pad + short if right else short + pad


def bar(n: int, of: int, width: int) -> str:
    """How much of a limit is used: `▮▮▮▮▯▯`; full only when the limit is reached."""
    if width <= 0:
        return ""
    if of <= 0:
        return "▯" * width
    used = width if n >= of else min(width - 1, max(0, n) * width // of)
    if n > 0 and used == 0 and width > 1:
        used = 1
    return "▮" * used + "▯" * (width - used)


def sparkline(values: Sequence[float], width: int | None = None) -> str:
    """The last `width` values as blocks from `▁` to `█`, scaled to the largest; zero is `·`."""
    shown = list(values if width is None else values[max(0, len(values) - width) :])
    top = max(shown, default=0)
    return "".join("·" if value <= 0 else _LEVELS[min(7, int(value * 8 / top))] for value in shown)
