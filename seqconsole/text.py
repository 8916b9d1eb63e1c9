"""Text as it may be drawn: harmless, masked, short. Pure; knows no screen and no database."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

ELLIPSIS = "…"
NOTHING = "—"

_MARKS_A_LETTER = 4
_NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_JOINERS = "\u200c\u200d"
# Characters of other categories that are drawn with no width or as nothing.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_UNDRAWABLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def harmless(text: object, limit: int = 200) -> str:
    """The text with every character that could act on a terminal shown as an escape (`\\x1b`).

    At most `limit` characters, cut with an ellipsis; None is empty. Applying it twice changes
    nothing more. The rule is FAULTS "The terminal is an attack surface".
    """
    if text is None:
        return ""
    if isinstance(text, bytes | bytearray):
        text = bytes(text[: limit + 1]).decode("utf-8", "backslashreplace")
    plain = text if type(text) is str else str(text)
    if len(plain) <= limit and plain.isascii() and plain.isprintable():
        return plain
    # Nothing beyond this can be drawn, whatever is dropped before it.
    return _made_harmless(plain[: 8 * limit + 8], len(plain) > 8 * limit + 8, limit)


@lru_cache(maxsize=8192)
def _made_harmless(plain: str, cut: bool, limit: int) -> str:
    drawn: list[str] = []
    length = 0
    for piece in _pieces(plain):
        drawn.append(piece)
        length += len(piece)
        if length > limit:
            cut = True
            break
    text = "".join(drawn)
    if not cut:
        return text
    return text[: max(0, limit - 1)] + ELLIPSIS if limit > 0 else ""


def _pieces(plain: str) -> Iterator[str]:
    """Each character as drawn: itself, its escape, or nothing for a mark too many."""
    marks = 0
    based = False
    for at, character in enumerate(plain):
        if character.isascii():
            yield character if character.isprintable() else _escape(character)
            marks, based = 0, character.isprintable()
            continue
        category = unicodedata.category(character)
        if "\ufe00" <= character <= "\ufe0f":
            continue
        if category in _UNDRAWABLE or character in _INVISIBLE or ord(character) >= 0xE0000:
            joins = character in _JOINERS and _joins_letters(plain, at)
            yield character if joins else _escape(character)
            marks, based = 0, True
        elif category[0] == "M":
            marks += 1
            if not based:
                yield _escape(character)
            elif marks <= _MARKS_A_LETTER:
                yield character
        else:
            yield character
            marks, based = 0, True


def _joins_letters(plain: str, at: int) -> bool:
    """Whether the joiner at this place belongs to the spelling of an Arabic or Indic word."""
    if at == 0 or at + 1 >= len(plain):
        return False
    return all("\u0600" <= near <= "\u0fff" for near in (plain[at - 1], plain[at + 1]))


def _escape(character: str) -> str:
    named = _NAMED_ESCAPES.get(character)
    if named:
        return named
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def phone_digits(text: str) -> str:
    """The ASCII digits of a phone number, or nothing when the text cannot be one."""
    if len(text) > 40:
        return ""
    digits = "".join(character for character in text if character in "0123456789")
    rest = set(text) - set("0123456789")
    return digits if rest <= set("+-() .\u00a0") and len(digits) >= 6 else ""


def mask_phone(phone: str | None) -> str:
    """A phone number as screens, screenshots and exports show it: `+60***881` (DESIGN 7)."""
    if not phone:
        return NOTHING
    digits = phone_digits(phone)
    if not digits:
        return "***"
    if len(digits) < 8:
        return f"***{digits[-2:]}"
    return f"+{digits[:2]}***{digits[-3:]}"


def full_phone(phone: str | None) -> str:
    """A phone number in full, for when the operator asks; what cannot be one as harmless text."""
    if not phone:
        return NOTHING
    digits = phone_digits(phone)
    return f"+{digits}" if digits else harmless(phone, 40)


def ago(seconds: float | None) -> str:
    """An age in one coarse unit: `3s`, `25s`, `41m`, `2h`, `3d`; None is a dash.

    Between 10 s and a minute it moves in steps of 5 s, so that a table of ages seldom changes.
    """
    if seconds is None or seconds != seconds:
        return NOTHING
    return _coarse(max(0.0, seconds))


def until(seconds: float | None) -> str:
    """The time left in one coarse unit, rounded up: `now`, `3s`, `5m`; None or never is a dash."""
    if seconds is None or seconds != seconds or seconds == float("inf"):
        return NOTHING
    if seconds <= 0:
        return "now"
    for size, limit in ((1, 10), (5, 60), (60, 3600), (3600, 172_800)):
        whole = -int(-seconds // size) * size
        if whole < limit:
            return _coarse(whole)
    return _coarse(seconds)


def _coarse(seconds: float) -> str:
    if seconds < 10:
        return f"{int(seconds)}s"
    if seconds < 60:
        return f"{int(seconds) // 5 * 5}s"
    if seconds < 3600:
        return f"{int(seconds) // 60}m"
    if seconds < 172_800:
        return f"{int(seconds) // 3600}h"
    days = min(seconds, 9999 * 86_400) // 86_400
    return f"{int(days)}d"


def clock(moment: datetime | None, now: datetime) -> str:
    """A moment as a clock text in the zone of `now` (aware): `10:41:07` today, `tomorrow 09:00`,
    `Mon 09:00` within six days, `24 Nov 09:00` within the year, else `2027-01-24`."""
    if moment is None or moment.year in (1, 9999):
        return NOTHING
    here = moment.astimezone(now.tzinfo)
    days = (here.date() - now.date()).days
    if days == 0:
        return f"{here:%H:%M:%S}"
    if abs(days) == 1:
        return f"{'tomorrow' if days > 0 else 'yesterday'} {here:%H:%M}"
    if 1 < days < 7:
        return f"{_WEEKDAYS[here.weekday()]} {here:%H:%M}"
    if abs(here - now) < timedelta(days=300):
        return f"{here.day} {_MONTHS[here.month - 1]} {here:%H:%M}"
    return f"{here:%Y-%m-%d}"


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def count(number: int) -> str:
    """A count in full, in groups of three: `51 220`."""
    return f"{number:,}".replace(",", " ")


def short_count(number: int) -> str:
    """A count in at most four cells: `1204`, `18k`, `739k`, `5.2M`."""
    if number < 0:
        return "-" + short_count(-number)
    if number < 10_000:
        return str(number)
    for size, unit in ((1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")):
        whole = number / size
        if whole < 10 and unit != "k":
            return f"{int(whole * 10) / 10:.1f}{unit}"
        if whole < 1000:
            return f"{int(whole)}{unit}"
    return "lots"
