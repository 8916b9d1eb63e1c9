"""From a filter to what the database selects by itself, so that a bulk act reaches all that match. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from engine.operations.repair_facts import Selection
from engine.reader import Snapshot
from seqconsole.filtering import Filter, Term

_FIELDS: Final = ("state", "device", "sequence", "phone", "error")


def field_of(term: Term) -> str | None:
    """The field of messages that a term names, by its name or the beginning of one."""
    if term.field is None:
        return None
    return next((each for each in _FIELDS if each.startswith(term.field)), None)


def phone_in(chosen: Filter) -> str | None:
    """The one full phone number that a filter asks for, as typed digits."""
    found = [term.digits for term in chosen.terms if term.digits and not term.absent]
    return found[0] if len(found) == 1 else None


def state_in(chosen: Filter, states: Iterable[str]) -> str | None:
    """The one state that a filter asks for, of these."""
    found = [
        term.needle.removeprefix("=")
        for term in chosen.terms
        if field_of(term) == "state" and not term.absent
    ]
    return found[0] if len(found) == 1 and found[0] in states else None


def device_in(chosen: Filter, figures: Snapshot) -> UUID | None:
    """The one device that a filter's `device:` matches; None where it is none or several."""
    terms = [term for term in chosen.terms if field_of(term) == "device" and not term.absent]
    if not terms:
        return None
    found = _named(terms, ((each.id, each.name) for each in figures.devices))
    return found[0] if len(found) == 1 else None


def failed_selection(chosen: Filter, figures: Snapshot) -> Selection | None:
    """All failed messages that match a filter, listed or not; None where words must be looked for."""
    fields = [field_of(term) for term in chosen.terms]
    if None in fields or any(term.absent for term in chosen.terms):
        return None
    by = {name: [t for t, f in zip(chosen.terms, fields, strict=True) if f == name]
          for name in _FIELDS}  # fmt: skip
    phones = [term.digits for term in by["phone"]]
    if any(not digits or digits.startswith("0") for digits in phones):
        return None
    if len(by["error"]) > 1 or any(term.needle.startswith("=") for term in by["error"]):
        return None
    if any(term.needle.removeprefix("=") not in "failed" for term in by["state"]):
        return None
    devices = ((each.id, each.name) for each in figures.devices)
    sequences = ((each.id, each.name) for each in figures.sequences)
    return Selection(
        devices=_named(by["device"], devices) if by["device"] else None,
        sequences=_named(by["sequence"], sequences) if by["sequence"] else None,
        phones=tuple(dict.fromkeys(phones)) if len(set(phones)) == 1 else () if phones else None,
        error=by["error"][0].needle if by["error"] else None,
    )


def _named(terms: Sequence[Term], things: Iterable[tuple[UUID, str]]) -> tuple[UUID, ...]:
    return tuple(
        id for id, name in things if all(term.matches({"name": name}) for term in _plain(terms))
    )


def _plain(terms: Sequence[Term]) -> Iterable[Term]:
    return (Term(term.needle, "name") for term in terms)
