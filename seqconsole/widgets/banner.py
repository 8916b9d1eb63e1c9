"""Lines that come and go above the views: connection lost, a countdown, frozen."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from seqconsole.text import ago, harmless, until
from seqconsole.widgets.cells import fit
from seqconsole.widgets.tones import TONE_CLASSES, Tone, component_style, tone_css


class Notice(StrEnum):
    """What a banner line is about, the most pressing first."""

    LOST = "lost"
    COUNTDOWN = "countdown"
    PAUSED = "paused"
    FROZEN = "frozen"
    VIEWER = "viewer"
    SINCE = "since"


_TONES = {
    Notice.LOST: Tone.ALARM,
    Notice.COUNTDOWN: Tone.WARN,
    Notice.PAUSED: Tone.WARN,
    Notice.FROZEN: Tone.BADGE,
    Notice.VIEWER: Tone.BADGE,
    Notice.SINCE: Tone.ACCENT,
}


def lost_text(seconds: float, reason: str, attempt: int, retry_in: float, shown_at: str) -> str:
    """The line while the database is away; the reason is bounded so that the rest is seen."""
    when = "now" if retry_in <= 0 else f"in {until(retry_in)}"
    return (
        f"× Connection lost {ago(seconds)} ago. Retry {attempt} {when}. "
        f"Showing {shown_at}. {harmless(reason, 120)}"
    )


def paused_text(reason: str, until_at: str, lifted: str = "R resumes") -> str:
    """The line while everything is held; without `until_at`, a clock text, `lifted` says how it ends."""
    end = f" · until {until_at}" if until_at else f" · {lifted}"
    return f"‖ Everything is paused: {harmless(reason, 200)}{end}"


def frozen_text(shown_at: str) -> str:
    """The line while the operator has frozen the screen."""
    return f"‖ Frozen at {shown_at} · f goes on"


def countdown_text(
    what: str, seconds: float, *, more: str = "", back: str = "z takes it back"
) -> str:
    """The line while an act that sends still waits: how much goes out, how to take it back, the act.

    What must be seen at 80 columns stands first; `more` is cut where there is no room.
    """
    rest = f" · {harmless(more, 160)}" if more else ""
    return f"◐ In {until(seconds)}: {harmless(what, 160)} · {back}{rest}"


class Banner(Widget):
    """At most one line for each kind of notice; takes no room without any."""

    COMPONENT_CLASSES = TONE_CLASSES
    DEFAULT_CSS = "Banner { height: 0; width: 1fr; background: $surface; }" + tone_css("Banner")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: dict[Notice, str] = {}

    @property
    def lines(self) -> Sequence[tuple[Notice, str]]:
        """The notices shown, the most pressing first."""
        return [(notice, self._lines[notice]) for notice in Notice if notice in self._lines]

    def say(self, notice: Notice, text: str | None) -> None:
        """Set the line of a kind of notice; None takes it away."""
        if self._lines.get(notice) == text:
            return
        if text is None:
            del self._lines[notice]
        else:
            self._lines[notice] = text
        self.styles.height = len(self._lines)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One notice."""
        lines = self.lines
        base = self.rich_style
        if y >= len(lines):
            return Strip.blank(self.size.width, base)
        notice, text = lines[y]
        style: Style = base + component_style(self, _TONES[notice])
        return Strip([Segment(fit(f" {text}", self.size.width), style)])
