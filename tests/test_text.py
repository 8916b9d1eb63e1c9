"""Text as drawn: nothing that acts on a terminal survives, and nothing is too long."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqconsole.text import (
    ago,
    clock,
    count,
    full_phone,
    harmless,
    mask_phone,
    short_count,
    until,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=300)
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(ANY_TEXT, st.integers(1, 250))
def test_nothing_that_acts_on_a_terminal_is_left(text: str, limit: int) -> None:
    drawn = harmless(text, limit)
    assert len(drawn) <= limit
    for at, character in enumerate(drawn):
        category = unicodedata.category(character)
        assert category not in {"Cc", "Cs", "Zl", "Zp", "Cn", "Co"}
        assert character not in BIDI
        if category == "Cf":
            assert character in "\u200c\u200d"
            assert "\u0600" <= drawn[at - 1] <= "\u0fff"


@given(ANY_TEXT)
def test_twice_is_the_same_as_once(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once


@given(st.text(st.sampled_from("abc \u0301\u0300\u0489\u0345"), max_size=400))
def test_combining_marks_are_capped(text: str) -> None:
    run = 0
    for character in harmless(text, 1000):
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        assert run <= 4


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=200))
def test_plain_text_is_left_alone(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("\x1b]52;c;Zm9v\x07", "\\x1b]52;c;Zm9v\\x07"),
        ("a\x9bb", "a\\x9bb"),
        ("a\x7f\x00", "a\\x7f\\x00"),
        ("abc\u202edef", "abc\\u202edef"),
        ("a\u2028b\u2029", "a\\u2028b\\u2029"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("👩\u200d💻", "👩\\u200d💻"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800x", "\\ud800x"),
        ("\U000e0041", "\\U000e0041"),
        ("one\ntwo\tthree", "one\\ntwo\\tthree"),
        ("❤\ufe0f", "❤"),
        ("\u0301a", "\\u0301a"),
        ("[/] [@click=app.quit]x", "[/] [@click=app.quit]x"),
        ("Siti Nurhaliza 陈", "Siti Nurhaliza 陈"),
        (None, ""),
        (12, "12"),
        (b"\xff\x1b", "\\xff\\x1b"),
    ],
)
def test_known_attacks_are_shown(text: object, drawn: str) -> None:
    assert harmless(text) == drawn


def test_a_megabyte_is_cut_without_being_read() -> None:
    assert harmless("é" * 1_000_000, 10) == "ééééééééé…"
    assert harmless("a" + "\u0301" * 100_000, 10)[:1] == "a"
    assert len(harmless("a" + "\u0301" * 100_000, 10)) <= 10


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("60123456881", "+60***881"),
        ("+60 12-345 6881", "+60***881"),
        ("123456", "***56"),
        ("120363041234567890@g.us", "***"),
        ("\u0661\u0662\u0663", "***"),
        ("", "—"),
        (None, "—"),
    ],
)
def test_phones_are_masked(phone: str | None, masked: str) -> None:
    assert mask_phone(phone) == masked


@given(st.from_regex(r"\+?[0-9]{8,15}", fullmatch=True))
def test_a_mask_shows_at_most_five_digits(phone: str) -> None:
    assert sum(character.isdigit() for character in mask_phone(phone)) == 5
    assert full_phone(phone) == "+" + phone.lstrip("+")


@pytest.mark.parametrize(
    ("seconds", "age", "left"),
    [
        (None, "—", "—"),
        (float("nan"), "—", "—"),
        (-5, "0s", "now"),
        (0, "0s", "now"),
        (3.9, "3s", "4s"),
        (9.5, "9s", "10s"),
        (38, "35s", "40s"),
        (59.5, "55s", "1m"),
        (60, "1m", "1m"),
        (41 * 60, "41m", "41m"),
        (59 * 60 + 30, "59m", "1h"),
        (2 * 3600, "2h", "2h"),
        (3 * 86_400, "3d", "3d"),
        (1e12, "9999d", "9999d"),
    ],
)
def test_ages_and_countdowns(seconds: float | None, age: str, left: str) -> None:
    assert ago(seconds) == age
    assert until(seconds) == left


def test_never_is_a_dash() -> None:
    assert until(float("inf")) == "—"
    assert ago(float("inf")) == "9999d"


@given(st.floats(0, 1e9))
def test_an_age_only_grows(seconds: float) -> None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

    def size(text: str) -> int:
        return int(text[:-1]) * units[text[-1]]

    assert size(ago(seconds)) <= seconds or seconds > 9999 * 86_400
    assert size(ago(seconds)) <= size(ago(seconds + 7))


def test_clock_texts() -> None:
    now = datetime(2026, 11, 24, 10, 41, 7, tzinfo=timezone(timedelta(hours=8)))
    assert clock(now, now) == "10:41:07"
    assert clock(datetime(2026, 11, 24, 1, 0, tzinfo=UTC), now) == "09:00:00"
    assert clock(datetime(2026, 11, 25, 1, 0, tzinfo=UTC), now) == "tomorrow 09:00"
    assert clock(datetime(2026, 11, 23, 1, 0, tzinfo=UTC), now) == "yesterday 09:00"
    assert clock(datetime(2026, 11, 27, 1, 0, tzinfo=UTC), now) == "Fri 09:00"
    assert clock(datetime(2026, 11, 17, 1, 0, tzinfo=UTC), now) == "17 Nov 09:00"
    assert clock(datetime(2028, 1, 1, 1, 0, tzinfo=UTC), now) == "2028-01-01"
    assert clock(datetime.max.replace(tzinfo=UTC), now) == "—"
    assert clock(None, now) == "—"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (9999, "9999"), (18_402, "18k"), (739_999, "739k"), (5_290_000, "5.2M"),
     (51_000_000, "51M"), (10**15, "lots"), (-20_000, "-20k")],
)  # fmt: skip
def test_short_counts(number: int, text: str) -> None:
    assert short_count(number) == text
    assert len(text) <= 4


def test_counts_in_full() -> None:
    assert count(51_220) == "51 220"
