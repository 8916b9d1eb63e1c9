"""Lines of toned text beside or above a grid; a line is drawn again only when it differs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from seqconsole.text import harmless
from seqconsole.widgets.tones import (
    TONE_CLASSES,
    Piece,
    Tone,
    component_style,
    fit_pieces,
    tone_css,
)

PanelLine = Sequence[Piece]


class Panel(Widget):
    """A block of lines; `fits` makes it as high as its lines."""

    COMPONENT_CLASSES = TONE_CLASSES
    DEFAULT_CSS = "Panel { width: 1fr; height: auto; padding: 0 1; }" + tone_css("Panel")

    def __init__(self, *, fits: bool = True, id: str | None = None) -> None:
        self._styles_of: dict[Tone, Style] = {}
        super().__init__(id=id)
        self._fits = fits
        self._lines: list[tuple[Piece, ...]] = []

    def show(self, lines: Sequence[PanelLine]) -> None:
        """Show other lines."""
        new = [tuple((harmless(text, 400), tone) for text, tone in line) for line in lines]
        old, self._lines = self._lines, new
        if self._fits and len(old) != len(new):
            # Textual counts a border into the height.
            self.styles.height = len(new) + self.gutter.height
        for y in range(max(len(old), len(new))):
            if old[y : y + 1] != new[y : y + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line."""
        base = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(self.size.width, base)
        pieces = fit_pieces(self._lines[y], self.size.width)
        segments = [Segment(text, base + self._style(tone)) for text, tone in pieces]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def text(self) -> str:
        """All lines as plain text."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def notify_style_update(self) -> None:
        """Styles changed: take the new ones."""
        self._styles_of.clear()
        super().notify_style_update()

    def _style(self, tone: Tone) -> Style:
        if tone is Tone.PLAIN:
            return Style.null()
        if tone not in self._styles_of:
            self._styles_of[tone] = component_style(self, tone)
        return self._styles_of[tone]
