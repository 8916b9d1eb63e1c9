"""What is set for one sequence and its steps, as a file says it: texts of their own, one for each meaning."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from engine.operations.limit_values import INHERIT, BadLimit, LimitScope, read_limits
from engine.operations.model import OperationRefused
from engine.operations.reply_settings import OnReply
from engine.store import Transaction

OF_SEQUENCE: Final = ("on_failure", "on_reply", "weight", "name_fallback")
OF_STEP: Final = ("valid_for",)
NOTHING: Final = "as the default"

Own = tuple[tuple[str, str], ...]
"""Names with their texts, in the order above; what is not named is as the default says."""


def own(names: Sequence[str], given: Mapping[str, str]) -> Own:
    """These settings, each in the one text that means it. Raises OperationRefused."""
    return tuple((n, _text(n, _value(n, given[n]))) for n in names if n in given)


def as_they_stand(names: Sequence[str], stored: Mapping[str, Any]) -> Own:
    """What the database has of them; a value that means nothing is left out."""
    found = {}
    for name in names:
        if name in stored:
            try:
                text = _text(name, stored[name])
                found[name] = own((name,), {name: text})[0][1]
            except OperationRefused:
                continue
    return own(names, found)


def differences(before: Own, after: Own) -> list[str]:
    """In what they differ, in words."""
    was, will = dict(before), dict(after)
    return [
        f"{name.replace('_', ' ')} {was.get(name, NOTHING)} -> {will.get(name, NOTHING)}"
        for name in (*OF_SEQUENCE, *OF_STEP)
        if was.get(name) != will.get(name)
    ]


async def write_own(
    tx: Transaction,
    operation: int,
    sequence: UUID,
    before: Own,
    after: Own,
    step: UUID | None = None,
) -> None:
    """Write what differs, as part of an operation on the sequence; of one step where it is named."""
    if before == after:
        return
    set_now = [(n, t) for n, t in after if (n, t) not in before]
    await tx.run(
        "operations/write_settings",
        operation=operation,
        scope="sequence" if step is None else "step",
        key=str(step or sequence),
        unit=str(sequence),
        names=[n for n, _ in set_now],
        values=[json.dumps(_value(n, t)) for n, t in set_now],
        gone=[n for n, _ in before if n not in dict(after)],
    )


def _value(name: str, text: str) -> Any:
    """What is stored."""
    if name == "on_reply":
        if text not in list(OnReply):
            raise BadLimit(f"on_reply is one of {', '.join(OnReply)}, not {text[:20]!r}")
        return text
    if text.strip() == INHERIT:
        raise BadLimit(f"{name}: leave it out, and it is as the default")
    scope = LimitScope.STEP if name in OF_STEP else LimitScope.SEQUENCE
    return read_limits(scope, {name: text}, None)[0].value


def _text(name: str, value: Any) -> str:
    """How a stored value is written."""
    if value is None:
        return "none"
    if name == "weight" and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}"
    if name == "valid_for":
        found = re.fullmatch(r"([0-9]+) seconds", str(value))
        return str(value) if found is None else _span(int(found[1]))
    return str(value)


def _span(seconds: int) -> str:
    """`2d`: the largest unit that says it whole."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
