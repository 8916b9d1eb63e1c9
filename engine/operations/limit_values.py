"""What an operator may set as a limit, read from its text (DESIGN 5); a mistake is named in one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Final

from engine.operations.model import OperationRefused

CEILING: Final = 80
"""Sends an hour above which a limit is set only after it was confirmed."""

NONE: Final = "none"
INHERIT: Final = "default"
"""As a value: forget the own setting, so that the wider one counts again."""

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class LimitScope(StrEnum):
    """Whose limits are meant; a narrower one counts before a wider one."""

    DEFAULT = "default"
    USER = "user"
    DEVICE = "device"
    SEQUENCE = "sequence"
    STEP = "step"


class BadLimit(OperationRefused):
    """A value that can't be a limit."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of settings to be: `value` as JSON holds it, `inherit` = no row."""

    name: str
    value: Any
    inherit: bool = False


def span(text: str) -> timedelta:
    """`90s`, `30m`, `1h`, `2d` as a length of time. Raises BadLimit."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip().lower())
    if found is None:
        raise BadLimit(f"{text!r} is no length of time: 30m, 1h, 2d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _number(what: str, low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,9}", text) is None or not low <= int(text) <= high:
            raise BadLimit(f"{what} is a whole number from {low} to {high}, not {text!r}")
        return int(text)

    return read


def _span(what: str, low: timedelta, high: timedelta) -> Callable[[str], str]:
    def read(text: str) -> str:
        length = span(text)
        if not low <= length <= high:
            raise BadLimit(f"{what} lies between {low} and {high}, not {text!r}")
        return f"{int(length.total_seconds())} seconds"

    return read


def _weight(text: str) -> float:
    if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) is None or not 0.01 <= float(text) <= 1000:
        raise BadLimit(f"a weight is a number from 0.01 to 1000, not {text!r}")
    return float(text)


def _quiet(text: str) -> str:
    clock = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
    if re.fullmatch(f"{clock}-{clock}", text) is None or text[:5] == text[6:]:
        raise BadLimit(f"quiet hours are two times of day, 22:00-08:00, not {text!r}")
    return text


def _warm_up(text: str) -> str:
    parts = re.findall(r"([0-9]{1,3}):([0-9]{1,4})(?:,|$)", text)
    days = [int(day) for day, _ in parts]
    if ",".join(f"{d}:{n}" for d, n in parts) != text or days != sorted({*days}) or not days[0]:
        raise BadLimit(f"a warm-up is days and sends an hour, 3:20,7:40, not {text!r}")
    return text


def _zone(text: str) -> str:
    return text


def _policy(text: str) -> str:
    if text not in ("hold", "skip"):
        raise BadLimit(f"after a failed step a sequence can hold or skip it, not {text!r}")
    return text


def _word(text: str) -> str:
    if re.fullmatch(r"[^\W\d_][^\d{}<>|*_~`\n]{0,39}", text) is None:
        raise BadLimit(
            f"what stands for a missing name is a word or two without digits, not {text!r}"
        )
    return text


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "send_limit": _number("a limit", 0, 10_000),
    "send_window": _span("a window", timedelta(minutes=1), timedelta(days=7)),
    "daily_cap": _number("a daily cap", 0, 100_000),
    "quiet_hours": _quiet,
    "timezone": _zone,
    "warm_up": _warm_up,
    "failover_after": _span(
        "the time until a lost device's future is moved", timedelta(minutes=10), timedelta(days=30)
    ),
    "weight": _weight,
    "on_failure": _policy,
    "person_gap": _span("the gap of a person's messages", timedelta(minutes=1), timedelta(days=90)),
    "name_fallback": _word,
    "valid_for": _span("the time a step is valid", timedelta(minutes=1), timedelta(days=365)),
}  # fmt: skip
_MAY_BE_NONE: Final = {
    "daily_cap", "quiet_hours", "warm_up", "failover_after", "person_gap", "valid_for", "weight",
    "name_fallback",
}  # fmt: skip
_EVERYWHERE: Final = (
    "send_limit", "send_window", "gap", "daily_cap", "quiet_hours", "timezone", "warm_up", "failover_after",
)  # fmt: skip
NAMES: Final[Mapping[LimitScope, tuple[str, ...]]] = {
    LimitScope.DEFAULT: (*_EVERYWHERE, "person_gap", "name_fallback"),
    LimitScope.USER: _EVERYWHERE,
    LimitScope.DEVICE: (*_EVERYWHERE, "warm_from"),
    LimitScope.SEQUENCE: ("weight", "on_failure", "name_fallback"),
    LimitScope.STEP: ("valid_for",),
}


def read_limits(scope: LimitScope, given: Mapping[str, str], zone: tzinfo | None) -> list[Setting]:
    """The settings that these texts mean; `zone` is that of a date without one. Raises BadLimit."""
    made: list[Setting] = []
    for name, text in given.items():
        if name not in NAMES[scope]:
            words = name.replace("_", " ")
            raise BadLimit(f"{words} can't be set for a {scope}: {', '.join(NAMES[scope])} can")
        made += _read(scope, name, text.strip(), zone)
    return made


def _read(scope: LimitScope, name: str, text: str, zone: tzinfo | None) -> list[Setting]:
    names = ("gap_min", "gap_max") if name == "gap" else (name,)
    if text == INHERIT:
        if scope is LimitScope.DEFAULT and name not in _MAY_BE_NONE | {"timezone"}:
            raise BadLimit(f"{name.replace('_', ' ')} of the default must have a value")
        return [Setting(n, None, inherit=True) for n in names]
    if text == NONE and name in _MAY_BE_NONE:
        return [Setting(name, None)]
    if name == "gap":
        return _gap(text)
    if name == "warm_from":
        return [Setting(name, _date(text, zone))]
    return [Setting(name, _READERS[name](text))]


def _gap(text: str) -> list[Setting]:
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
    low, high = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not low <= high <= 86400:
        raise BadLimit(f"a gap is seconds, least and most, 5-15, not {text!r}")
    return [Setting("gap_min", f"{low} seconds"), Setting("gap_max", f"{high} seconds")]


def _date(text: str, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadLimit(f"{text!r} is no date: 2026-11-24") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
