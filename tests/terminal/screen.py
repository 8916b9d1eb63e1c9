"""A terminal's screen, as far as the console may use one: what is not on the closed list is a violation."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from rich.cells import cell_len

MODES = "7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048"
SEQUENCE = re.compile(
    r"\x1b\[(?:"
    r"(?P<row>\d+);(?P<column>\d+)H|(?P<home>H)"
    r"|(?P<style>[0-9;]*)m"
    rf"|\?(?P<mode>{MODES})(?P<set>[hl])"
    r"|\?(?P<query>2026|2048)\$p"
    r"|>25u|<u"
    r")"
    r"|\x1b\]52;c;(?P<copied>[A-Za-z0-9+/=]*)\x07"
    r"|\x1b\]22;(?:default|pointer|text)\x07"
)
LONGEST = 100_000
"""Characters that a sequence may have before it counts as broken."""
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")


@dataclass
class Screen:
    """Takes what a program writes; `violations` is what no terminal should have been sent."""

    columns: int
    lines: int
    violations: list[str] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    modes: set[str] = field(default_factory=set)
    styles: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    frames: int = 0
    _row: int = 0
    _column: int = 0
    _rest: str = ""
    _cells: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.resize(self.columns, self.lines)

    def resize(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self._cells = [[" "] * columns for _ in range(lines)]

    def feed(self, text: str) -> None:
        """What the program wrote, in pieces of any length."""
        text = self._rest + text
        self._rest = ""
        at = 0
        while at < len(text):
            next_escape = text.find("\x1b", at)
            if next_escape != at:
                end = len(text) if next_escape < 0 else next_escape
                self._write(text[at:end])
                at = end
                continue
            found = SEQUENCE.match(text, at)
            if found:
                self._obey(found)
                at = found.end()
            elif self._is_begun(text[at:]):
                self._rest = text[at:]
                return
            else:
                self.violations.append(repr(text[at : at + 60]))
                at += 1

    @staticmethod
    def _is_begun(tail: str) -> bool:
        """Whether more of a sequence may follow."""
        if tail.startswith("\x1b]"):
            return "\x07" not in tail and "\x1b" not in tail[1:] and len(tail) < LONGEST
        return re.fullmatch(r"\x1b(\[[?<>0-9;$]{0,60})?", tail) is not None

    def _obey(self, found: re.Match[str]) -> None:
        if found["row"]:
            self._row, self._column = int(found["row"]) - 1, int(found["column"]) - 1
        elif found["home"]:
            self._row = self._column = 0
        elif found["mode"]:
            (self.modes.add if found["set"] == "h" else self.modes.discard)(found["mode"])
            if found["mode"] == "2026" and found["set"] == "l":
                self.frames += 1
        elif found["query"]:
            self.queries.append(found["query"])
        elif found["copied"] is not None:
            self.copied.append(found["copied"])
        elif found["style"] is not None:
            self.styles.add(found["style"])

    def _write(self, text: str) -> None:
        if text.isascii() and text.isprintable():
            self._put_plain(text)
            return
        for character in text:
            if character in "\r\n":
                self._column = 0 if character == "\r" else self._column
                self._row += character == "\n"
            elif is_harmful(character):
                self.violations.append(f"{character!r} in {text[:60]!r}")
            else:
                self._put(character)

    def _put_plain(self, text: str) -> None:
        if 0 <= self._row < self.lines and self._column < self.columns:
            line = self._cells[self._row]
            shown = text[: self.columns - self._column]
            line[self._column : self._column + len(shown)] = shown
        self._column += len(text)

    def _put(self, character: str) -> None:
        width = cell_len(character)
        inside = 0 <= self._row < self.lines and 0 <= self._column < self.columns
        if width == 0:
            if inside and self._column:
                self._cells[self._row][self._column - 1] += character
            return
        if inside:
            self._cells[self._row][self._column] = character
            if width == 2 and self._column + 1 < self.columns:
                self._cells[self._row][self._column + 1] = ""
        self._column += width

    @property
    def text(self) -> str:
        """What is on the screen now."""
        return "\n".join("".join(line).rstrip() for line in self._cells)

    def line(self, number: int) -> str:
        """One line of it, from 0."""
        return "".join(self._cells[number]).rstrip()


def is_harmful(character: str) -> bool:
    """Whether a terminal could act on it, or draw what the reader does not see."""
    if character in BIDI:
        return True
    category = unicodedata.category(character)
    return category in {"Cc", "Cs", "Zl", "Zp"} or (
        category == "Cf" and character not in "\u200c\u200d"
    )
