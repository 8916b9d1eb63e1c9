"""A file of people, read as a stream: one line, one person, or the reason why it is none."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final
from uuid import UUID

from engine.operations.model import OperationRefused

PHONE: Final = frozenset(
    (
        "phone", "phone_number", "number", "mobile", "whatsapp", "contact_phone", "recipient_phone",
        "telefon", "telepon", "nombor", "no_telefon", "hp",
    )
)  # fmt: skip
NAME: Final = frozenset(("name", "full_name", "contact_name", "recipient_name", "nama"))
DEVICE: Final = frozenset(("device", "device_name", "device_id"))
OWN: Final = frozenset(("name", "first_name", "phone"))
MOST_COLUMNS: Final = 30
LONGEST: Final = 500
"""Characters of a cell that are kept."""

_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")


class BadFile(OperationRefused):
    """A file that can't be read as people; the text names the line and what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """One line. `fields`: its other columns, as JSON. `problem`: why it is no person. `lead`: its id."""

    line: int
    phone: str | None
    name: str | None
    device: str | None
    fields: str | None
    problem: str | None = None
    lead: UUID | None = None


class PeopleFile:
    """A CSV file with a header line; UTF-8, cells parted by comma, semicolon or tab.

    Raises BadFile for a header without a phone, and where the file ends being CSV or UTF-8.
    """

    def __init__(self, source: BinaryIO, name: str) -> None:
        self.name = name
        self._text = io.TextIOWrapper(source, encoding="utf-8-sig", newline="")
        first = self._first_line()
        cells = max((",", ";", "\t"), key=first.count)
        self._reader = csv.reader(_Rest(first, self._text), delimiter=cells, strict=True)
        self._header = [_column(cell) for cell in self._next() or []]
        self._phone = self._place(PHONE, needed=True)
        self._name = self._place(NAME)
        self._device = self._place(DEVICE)
        special = {self._phone, self._name, self._device}
        self._others = [
            (at, column) for at, column in enumerate(self._header) if at not in special and column
        ]
        self._check_header()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that texts may name beside name and phone."""
        return tuple(column for _, column in self._others)

    def people(self) -> Iterator[Person]:
        """Each line below the header that is not empty."""
        while True:
            line = self._reader.line_num + 1
            cells = self._next()
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield self._person(line, cells)

    def _person(self, line: int, cells: Sequence[str]) -> Person:
        def at(place: int | None) -> str | None:
            if place is None or place >= len(cells):
                return None
            return cells[place].replace("\0", "").strip()[:LONGEST] or None

        phone = at(self._phone)
        fields = {column: value for place, column in self._others if (value := at(place))}
        kept = json.dumps(fields, ensure_ascii=False) if fields else None
        return Person(
            line, phone, at(self._name), at(self._device), kept, self._problem(cells, phone)
        )

    def _problem(self, cells: Sequence[str], phone: str | None) -> str | None:
        if len(cells) > len(self._header) and any(c.strip() for c in cells[len(self._header) :]):
            return "too many cells"
        if phone is None:
            return "no phone number"
        if _SCIENTIFIC.fullmatch(phone):
            return "a spreadsheet rounded the number: format its column as text"
        return None

    def _next(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except csv.Error as error:
            raise BadFile(f"{self._here()}: {error}; is a quote never closed?") from None
        except UnicodeDecodeError:
            raise BadFile(f"{self._here()} is not UTF-8: save it as CSV UTF-8") from None

    def _first_line(self) -> str:
        try:
            return self._text.readline(100_000)
        except UnicodeDecodeError:
            raise BadFile(f"{self.name}: line 1 is not UTF-8: save it as CSV UTF-8") from None

    def _here(self) -> str:
        return f"{self.name}: line {self._reader.line_num + 1}"

    def _place(self, names: frozenset[str], *, needed: bool = False) -> int | None:
        places = [at for at, column in enumerate(self._header) if column in names]
        if len(places) > 1:
            twice = ", ".join(self._header[at] for at in places)
            raise BadFile(f"{self.name}: line 1 names the same thing twice: {twice}")
        if needed and not places:
            found = ", ".join(c for c in self._header if c)[:200] or "nothing"
            raise BadFile(
                f"{self.name}: line 1 must name the columns, one of them `phone`; it says: {found}"
            )
        return places[0] if places else None

    def _check_header(self) -> None:
        named = [column for _, column in self._others]
        if len(named) > MOST_COLUMNS:
            raise BadFile(f"{self.name}: more than {MOST_COLUMNS} columns beside phone and name")
        for column in named:
            if column in OWN:
                raise BadFile(
                    f"{self.name}: {column} is made of the name: call the column name, or otherwise"
                )
            if named.count(column) > 1:
                raise BadFile(f"{self.name}: line 1 names {column} twice")
            if re.fullmatch(r"[^\W\d_][\w ]{0,39}", column) is None:
                raise BadFile(
                    f"{self.name}: column {column[:40]!r} is no word that a text could name: "
                    "letters, digits, blanks and _, at most 40"
                )


class _Rest:
    """The first line, then the others: what a CSV reader takes."""

    def __init__(self, first: str, text: io.TextIOWrapper) -> None:
        self._first: str | None = first
        self._text = text

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._first is not None:
            first, self._first = self._first, None
            if first:
                return first
        return next(self._text)


def _column(cell: str) -> str:
    text = " ".join(cell.replace("\0", "").split()).lower()
    plain = text.replace(" ", "_").replace("-", "_")
    return plain if plain in PHONE | NAME | DEVICE else text
