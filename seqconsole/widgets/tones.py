"""Tones: what a piece of text means, never told by colour alone (STYLE 2.4)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from enum import StrEnum

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from seqconsole.widgets.cells import cell_width, cut


class Tone(StrEnum):
    """The meaning of a text; the value is the component class that gives it its style."""

    PLAIN = "tone--plain"
    STRONG = "tone--strong"
    OK = "tone--ok"
    WARN = "tone--warn"
    BAD = "tone--bad"
    MUTED = "tone--muted"
    ACCENT = "tone--accent"
    BADGE = "tone--badge"
    ALARM = "tone--alarm"


TONE_CLASSES = {str(tone) for tone in Tone}

Piece = tuple[str, Tone]


def tone_css(widget: str) -> str:
    """The style rules of the tones inside one widget class."""
    return f"""
    {widget} > .tone--strong {{ text-style: bold; }}
    {widget} > .tone--ok {{ color: $text-success; }}
    {widget} > .tone--warn {{ color: $text-warning; }}
    {widget} > .tone--bad {{ color: $text-error; text-style: bold; }}
    {widget} > .tone--muted {{ color: $foreground-muted; }}
    {widget} > .tone--accent {{ color: $text-accent; text-style: bold; }}
    {widget} > .tone--badge {{ background: $primary; color: $text; text-style: bold; }}
    {widget} > .tone--alarm {{ background: $error; color: $text; text-style: bold; }}
    {widget}:ansi > .tone--muted {{ color: ansi_default; text-style: dim; }}
    {widget}:ansi > .tone--badge {{
        background: ansi_default; color: ansi_default; text-style: reverse bold;
    }}
    {widget}:ansi > .tone--alarm {{
        background: ansi_default; color: ansi_red; text-style: reverse bold;
    }}
    """


def fit_pieces(pieces: Sequence[Piece], width: int) -> list[Piece]:
    """The pieces cut to a width in cells, with an ellipsis where something is missing."""
    if sum(cell_width(text) for text, _ in pieces) <= width:
        return list(pieces)
    fitted: list[Piece] = []
    left = width - 1
    for text, tone in pieces:
        size = cell_width(text)
        if size > left:
            fitted.append((cut(f"{text}  ", left + 1), tone))
            break
        fitted.append((text, tone))
        left -= size
    return [piece for piece in fitted if piece[0]]


def component_style(widget: Widget, name: str) -> Style:
    """The style of a component class alone, a translucent colour blended on its background."""
    styles = widget.get_component_styles(name)
    style = widget.get_component_rich_style(name, partial=True)
    color = styles.color
    auto = styles.has_rule("auto_color") and styles.auto_color
    if auto or (styles.has_rule("color") and color.ansi is None and 0 < color.a < 1):
        own = styles.has_rule("background") and styles.background.a == 1
        under = styles.background if own else widget.background_colors[1]
        shown = under.get_contrast_text(color.a) if auto else color
        style += Style(color=(under + shown).rich_color)
    return style


class TonedLine(Widget):
    """A widget of one line, drawn from pieces with tones; asks for a redraw only on a change."""

    COMPONENT_CLASSES = TONE_CLASSES
    DEFAULT_CSS = "TonedLine { height: 1; width: 1fr; }" + tone_css("TonedLine")

    def __init__(self, *, id: str | None = None) -> None:
        self._tones: dict[Tone, Style] = {}
        super().__init__(id=id)

    @abstractmethod
    def pieces(self, width: int) -> Sequence[Piece]:
        """What the line says at a width in cells."""

    def text(self) -> str:
        """The line as plain text at its present width."""
        return "".join(text for text, _ in self.pieces(self.size.width))

    def render_line(self, y: int) -> Strip:
        """The line, filled up to the widget's width."""
        base = self.rich_style
        if y != 0:
            return Strip.blank(self.size.width, base)
        segments = [
            Segment(text, base + self.tone_style(tone))
            for text, tone in self.pieces(self.size.width)
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def tone_style(self, tone: Tone) -> Style:
        """The style of a tone in this widget."""
        if tone is Tone.PLAIN:
            return Style.null()
        if tone not in self._tones:
            self._tones[tone] = component_style(self, tone)
        return self._tones[tone]

    def notify_style_update(self) -> None:
        """Styles changed: take the new ones."""
        self._tones.clear()
        super().notify_style_update()
