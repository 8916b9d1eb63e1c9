"""The filter's grammar, and that nothing typed can hurt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqconsole.filtering import Filter, parse
from seqconsole.text import mask_phone

ROW = {
    "device": "Klang branch 17",
    "state": "paused",
    "sequence": "Welcome",
    "phone": "+60***881",
    "error": 'not on WhatsApp: "gone"',
    "due": "10:41",
    "_phone": "60123456881",
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "klang",
        "KLANG paused",
        '"branch 17"',
        '"branch 17',
        "device:klang",
        'device:"branch 17"',
        "state:PAUSED !offline",
        "!state:offline",
        "seq:wel err:whatsapp dev:17",
        "state:",
        "!",
        "10:41",
        "60123456881",
        "+60 12-345 6881",
        "+60123456881 paused",
        '"012-345 6881"',
        "0123456881",
        "phone:60123456881",
        "!60123456882",
        "***881",
        '""',
        'state:""',
    ],
)
def test_it_matches(text: str) -> None:
    assert parse(text).matches(ROW)


@pytest.mark.parametrize(
    "text",
    [
        "klang offline",
        '"17 branch"',
        "!paused",
        "state:klang",
        "!state:paused",
        "!nothing state:pau !klang",
        "60123456882",
        "23456881",
        "2345688",
        "device:60123456881",
        "!60123456881",
        "stat:offline",
        "what:paused",
        "_phone:60123456",
        "6012345",
    ],
)
def test_it_does_not_match(text: str) -> None:
    assert not parse(text).matches(ROW)


def test_an_empty_filter_is_false_and_lets_all_through() -> None:
    assert not parse('  ! state: "" ')
    assert parse("") == Filter("", ())
    assert parse("x")


@given(st.text(st.characters(codec=None), max_size=600))
def test_nothing_typed_raises(text: str) -> None:
    found = parse(text)
    assert len(found.terms) <= 40
    assert found.matches(ROW) in {True, False}
    assert parse(found.text).terms == found.terms


@given(st.text(st.sampled_from('!":+0123 ab\t()-'), max_size=400))
def test_near_grammar_raises_nothing(text: str) -> None:
    assert parse(text).matches({}) in {True, False}


def test_a_long_hostile_filter_is_quick() -> None:
    for text in ("+1" + "-" * 5000, '"' * 5000, "!" * 5000, "a:" * 5000, "+0 " * 2000):
        assert len(parse(text).text) <= 400


@given(st.from_regex(r"601[0-9]{8}", fullmatch=True))
def test_a_full_phone_finds_its_masked_row(phone: str) -> None:
    row = {"phone": mask_phone(phone), "_phone": phone}
    other = str(int(phone) ^ 1)
    assert parse(phone).matches(row)
    assert parse("0" + phone[2:]).matches(row)
    assert not parse(other).matches(row)


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), max_size=5))
def test_words_are_and(words: list[str]) -> None:
    row = {"name": "abcdefgh paused"}
    expected = all(word in row["name"] for word in words)
    assert parse(" ".join(words)).matches(row) is expected
