"""The line below a grid: how many of how many, the order, the marks, the filter."""

from __future__ import annotations

from dataclasses import dataclass

from seqconsole.text import count, harmless
from seqconsole.widgets.tones import Piece, Tone, TonedLine, fit_pieces


@dataclass(frozen=True, slots=True)
class CountFacts:
    """What the line tells of a grid; `note` is the screen's own remark, `at` the data's time."""

    shown: int = 0
    total: int = 0
    sort: str = ""
    reverse: bool = False
    marked: int = 0
    spans: bool = False
    filter_text: str = ""
    note: str = ""
    at: str = ""


def count_pieces(facts: CountFacts, width: int) -> list[Piece]:
    """The line at a width, the marks and the filter before what matters less."""
    parts: list[Piece] = [(f"{count(facts.shown)} of {count(facts.total)}", Tone.PLAIN)]
    if facts.marked:
        parts.append((f"● {count(facts.marked)} marked", Tone.ACCENT))
    if facts.spans:
        parts.append(("span: v ends it", Tone.ACCENT))
    if facts.filter_text:
        parts.append((f"/{harmless(facts.filter_text, 60)}", Tone.ACCENT))
    if facts.note:
        parts.append((harmless(facts.note, 200), Tone.PLAIN))
    if facts.sort:
        parts.append((f"by {facts.sort} {'▼' if facts.reverse else '▲'}", Tone.MUTED))
    if facts.at:
        parts.append((facts.at, Tone.MUTED))
    pieces: list[Piece] = []
    for part in parts:
        pieces += [(" · ", Tone.MUTED)] if pieces else []
        pieces.append(part)
    return fit_pieces(pieces, width)


class CountLine(TonedLine):
    """The line below a grid."""

    DEFAULT_CSS = "CountLine { background: $surface; padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.facts = CountFacts()

    def show(self, facts: CountFacts) -> None:
        """Show other facts; drawn again only when they differ."""
        if facts != self.facts:
            self.facts = facts
            self.refresh()

    def pieces(self, width: int) -> list[Piece]:
        """The line at a width."""
        return count_pieces(self.facts, width)
