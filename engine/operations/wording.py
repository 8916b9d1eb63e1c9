"""Words that several verbs share: plurals, times, lists. One clear line each (DESIGN 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 message`, `3 messages`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def verb(number: int, one: str, many: str) -> str:
    """The form of a verb that goes with a number."""
    return one if number == 1 else many


def moment(at: datetime, now: datetime) -> str:
    """A time as people say it, in the database's zone: with its day when it is another one."""
    here = at.astimezone(now.tzinfo)
    return f"{here:%H:%M:%S}" if here.date() == now.date() else f"{here:%Y-%m-%d %H:%M}"


def listed(things: Sequence[str], limit: int = 3) -> str:
    """`a, b and c`; `a, b, c and 7 more`."""
    if len(things) > limit:
        return f"{', '.join(things[:limit])} and {len(things) - limit} more"
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])} and {things[-1]}"
