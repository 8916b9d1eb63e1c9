"""The keys of the grid."""

from __future__ import annotations

from textual.binding import Binding, BindingType

GRID_BINDINGS: list[BindingType] = [
    Binding("enter", "open", "Open", key_display="enter"),
    Binding("space", "mark", "Mark", key_display="space", show=False),
    Binding("v", "span", "Mark a span (v again ends it)", show=False),
    Binding("a", "mark_all", "Mark all matching", show=False),
    Binding("u", "mark_none", "Mark none", show=False),
    Binding("j,down", "cursor(1)", "Down", show=False),
    Binding("k,up", "cursor(-1)", "Up", show=False),
    Binding("g,home", "edge(0)", "First row", show=False),
    Binding("G,end", "edge(-1)", "Last row", show=False),
    Binding("ctrl+f,pagedown", "page(1)", "Page down", show=False),
    Binding("ctrl+b,pageup", "page(-1)", "Page up", show=False),
    Binding("less_than_sign", "sort(-1)", "Sort by the column before", key_display="<", show=False),
    Binding("greater_than_sign", "sort(1)", "Sort by the next column", key_display=">", show=False),
    Binding("S", "reverse", "Reverse the order", show=False),
]
