"""What a list cuts off of the row under the cursor, in full below the list."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

from seqconsole.screens.panel import Panel
from seqconsole.text import harmless
from seqconsole.widgets.tones import Tone

LINES: Final = 2
"""Always so many, so that the list keeps its height from row to row."""

MOST: Final = 400


class InFull(Panel):
    """Two lines of text; what is longer ends with dots."""

    def say(self, *parts: str) -> None:
        """Show what is not empty of the parts."""
        text = harmless(" · ".join(part for part in parts if part), MOST)
        width = max(20, self.app.size.width - 2)
        lines = wrap(text, width, max_lines=LINES, placeholder=" …")
        self.show([[(line, Tone.MUTED)] for line in [*lines, *[""] * LINES][:LINES]])
