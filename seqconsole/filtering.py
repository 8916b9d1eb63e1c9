"""The filter an operator types: words are AND, `!not`, `field:value`, `field:=whole value`,
`"quoted words"`. Pure.

A field whose name starts with `_` is secret: it is never searched by words, and only a full
phone number equals it, so that a number finds its masked row (DESIGN 7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from seqconsole.text import phone_digits

LONGEST = 400
_MOST_TERMS = 40
_TERM = re.compile(
    r"""(?P<no>!)?
    (?:(?P<field>[A-Za-z][A-Za-z_]*):)?
    (?:"(?P<quoted>[^"]*)"?|(?P<phone>\+[0-9][0-9\-() ]{6,}[0-9])(?=\s|$)|(?P<word>[^\s"]+))?""",
    re.VERBOSE,
)
_PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition of a filter: a needle in one field or in any, or its absence."""

    needle: str
    field: str | None = None
    absent: bool = False
    digits: str = ""

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether the row's fields satisfy this condition."""
        return self._found(fields) is not self.absent

    def _found(self, fields: Mapping[str, str]) -> bool:
        if self.field is not None:
            name = _field_named(self.field, fields)
            if name is not None:
                text = fields[name].casefold()
                whole = self.needle.startswith("=")
                found = text == self.needle[1:] if whole else self.needle in text
                return found or self._is_phone(fields, name)
            return self._in_any(f"{self.field}:{self.needle}", fields)
        return self._in_any(self.needle, fields) or self._is_phone(fields, None)

    @staticmethod
    def _in_any(needle: str, fields: Mapping[str, str]) -> bool:
        return any(
            needle in text.casefold() for name, text in fields.items() if not name.startswith("_")
        )

    def _is_phone(self, fields: Mapping[str, str], name: str | None) -> bool:
        if not self.digits:
            return False
        secrets = (
            text
            for key, text in fields.items()
            if key.startswith("_") and (name is None or key == f"_{name}")
        )
        return any(_same_phone(self.digits, secret) for secret in secrets)


@dataclass(frozen=True, slots=True)
class Filter:
    """What rows must satisfy; without terms it lets every row through and is false."""

    text: str = ""
    terms: tuple[Term, ...] = ()

    def matches(self, fields: Mapping[str, str]) -> bool:
        """Whether a row with these named texts passes every term; case does not matter."""
        return all(term.matches(fields) for term in self.terms)

    def __bool__(self) -> bool:
        return bool(self.terms)


def parse(text: str) -> Filter:
    """The filter meant by what was typed so far. Never raises; half a term is no term yet."""
    typed = text[:LONGEST].strip()
    terms: list[Term] = []
    at = 0
    while at < len(typed) and len(terms) < _MOST_TERMS:
        if typed[at].isspace():
            at += 1
            continue
        found = _TERM.match(typed, at)
        if found is None or found.end() == at:
            at += 1
            continue
        at = found.end()
        needle = (found["quoted"] or found["phone"] or found["word"] or "").casefold().strip()
        if needle:
            field = found["field"].casefold() if found["field"] else None
            digits = phone_digits(needle)
            terms.append(Term(needle, field, bool(found["no"]), digits if len(digits) >= 8 else ""))
    return Filter(typed, tuple(terms))


def _field_named(name: str, fields: Mapping[str, str]) -> str | None:
    """The field meant by a name or by the beginning of one (`seq:` is `sequence:`)."""
    if name in fields:
        return name
    return next((key for key in fields if key.startswith(name)), None)


def _same_phone(digits: str, secret: str) -> bool:
    known = phone_digits(secret)
    national = digits.lstrip("0")
    return bool(known) and (
        known == digits or (digits.startswith("0") and known.endswith(national) and national != "")
    )
