"""A sequence as TOML: what it is called, what lets people in, and its steps with their texts. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.operations.model import OperationRefused
from engine.sequences.own_settings import OF_SEQUENCE, OF_STEP, Own, own

MOST_STEPS: Final = 1000
MOST_HOURS: Final = 87_600
LONGEST: Final = 65_536
_HEAD: Final = (
    "# A sequence of seqconsole. `wait_hours` is the wait before a step; without it, 24.\n"
    "# What is not named (on_failure, on_reply, weight, name_fallback, valid_for) is as the default.\n"
)
_ESCAPES: Final = {"\\": "\\\\", "\b": "\\b", "\t": "\\t", "\f": "\\f", "\r": "\\r"}


class BadSequence(OperationRefused):
    """A text that is no sequence; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class StepText:
    """A step: `day` orders it, `wait_hours` None means 24, `kind` is the message type."""

    day: int
    wait_hours: int | None
    kind: str
    content: str | None
    media: str | None = None
    caption: str | None = None
    settings: Own = ()


@dataclass(frozen=True, slots=True)
class SequenceText:
    """A sequence with its steps in order. `columns`: what its texts may name beside name and phone."""

    name: str
    trigger: str | None
    steps: tuple[StepText, ...]
    columns: tuple[str, ...] = ()
    settings: Own = ()


def written(sequence: SequenceText) -> str:
    """The file; `read` makes the same of it again."""
    lines = [_HEAD, f"name = {_quoted(sequence.name)}"]
    if sequence.trigger is not None:
        lines.append(f"trigger = {_quoted(sequence.trigger)}")
    if sequence.columns:
        lines.append(f"columns = [{', '.join(_quoted(c) for c in sequence.columns)}]")
    lines += [f"{name} = {_quoted(value)}" for name, value in sequence.settings]
    for step in sequence.steps:
        lines += ["", "[[step]]", f"day = {step.day}"]
        if step.wait_hours is not None:
            lines.append(f"wait_hours = {step.wait_hours}")
        lines.append(f"type = {_quoted(step.kind)}")
        named = (("text", step.content), ("media", step.media), ("caption", step.caption))
        lines += [f"{name} = {_quoted(value)}" for name, value in named if value is not None]
        lines += [f"{name} = {_quoted(value)}" for name, value in step.settings]
    return "\n".join(lines) + "\n"


def read(text: str) -> SequenceText:
    """The sequence that a file describes. Raises BadSequence."""
    try:
        made = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSequence(f"this is no TOML: {error}") from None
    _only(made, {"name", "trigger", "columns", "step", *OF_SEQUENCE}, "the file")
    columns = made.get("columns", [])
    if not isinstance(columns, list) or not all(
        isinstance(c, str) and re.fullmatch(r"[^\W\d_][\w ]{0,39}", c) for c in columns
    ):
        raise BadSequence("columns is a list of words")
    tables = made.get("step", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
        raise BadSequence("the file has no [[step]]")
    if len(tables) > MOST_STEPS:
        raise BadSequence(f"more than {MOST_STEPS} steps")
    steps = [_step(table, nth) for nth, table in enumerate(tables, start=1)]
    days = [s.day for s in steps]
    if len(set(days)) != len(days):
        twice = next(d for d in days if days.count(d) > 1)
        raise BadSequence(f"two steps have day {twice}: the day orders them")
    name = _text(made, "name", "the file")
    if name is None or not name.strip():
        raise BadSequence("the file has no name")
    trigger = _text(made, "trigger", "the file")
    if trigger is not None and (not trigger.strip() or "," in trigger):
        raise BadSequence("a trigger is one word without a comma")
    return SequenceText(
        name.strip(),
        trigger.strip() if trigger else None,
        tuple(sorted(steps, key=lambda s: s.day)),
        tuple(dict.fromkeys(c.strip().lower() for c in columns)),
        _settings(made, OF_SEQUENCE, "the file"),
    )


def _step(table: Mapping[str, Any], nth: int) -> StepText:
    where = f"step {nth}"
    _only(table, {"day", "wait_hours", "type", "text", "media", "caption", *OF_STEP}, where)
    day = _number(table, "day", where, 1, 100_000)
    if day is None:
        raise BadSequence(f"{where} has no day")
    content, media = _text(table, "text", where), _text(table, "media", where)
    if not (content or "").strip() and not (media or "").strip():
        raise BadSequence(f"{where} (day {day}) has neither text nor media")
    kind = _text(table, "type", where) or ("text" if media is None else "image")
    wait = _number(table, "wait_hours", where, 0, MOST_HOURS)
    caption, settings = _text(table, "caption", where), _settings(table, OF_STEP, where)
    return StepText(day, wait, kind, content, media, caption, settings)


def _settings(table: Mapping[str, Any], names: Sequence[str], where: str) -> Own:
    """What is set; a number may stand without quotes."""
    given = {}
    for name in names:
        value = table.get(name)
        if value is None:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        given[name] = f"{value:g}" if number else _text(table, name, where) or ""
    try:
        return own(names, given)
    except OperationRefused as error:
        raise BadSequence(f"{where}: {error}") from None


def _only(table: Mapping[str, Any], names: set[str], where: str) -> None:
    if unknown := sorted(set(table) - names):
        raise BadSequence(f"{where} has {unknown[0]!r}; known are {', '.join(sorted(names))}")


def _text(table: Mapping[str, Any], name: str, where: str) -> str | None:
    value = table.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or "\0" in value or len(value) > LONGEST:
        raise BadSequence(f"{where}: {name} is a text of at most {LONGEST} characters")
    return value


def _number(table: Mapping[str, Any], name: str, where: str, low: int, high: int) -> int | None:
    value = table.get(name)
    if value is None:
        return None
    if type(value) is not int or not low <= value <= high:
        raise BadSequence(f"{where}: {name} is a whole number from {low} to {high}")
    return value


def _quoted(text: str) -> str:
    """A TOML string: over several lines where the text has several."""
    escaped = "".join(_ESCAPES.get(c, c) for c in text)
    escaped = re.sub(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]",
        lambda m: f"\\u{ord(m[0]):04X}",
        escaped,
    )
    if "\n" not in escaped:
        return '"' + escaped.replace('"', '\\"') + '"'
    return '"""\n' + escaped.replace('"', '\\"') + '"""'
