"""The expression that audit inlines and the function that migrate wraps give the same key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.store.sqlfiles import as_query, text
from tests.world import World

COUNTRIES = ("", "60", "1", "600", "44", "0", "6000", "x")
PIECES = st.sampled_from(
    ["+", "00", "0", "(0)", "60", "+60", "1", " ", "-", ".", "/", "\u00a0", "\u2011", "\u202a", "\t", "\n",
     "@s.whatsapp.net", "@c.us", "@g.us", "@lid", ":12", "x", "\u0661", "\u00b2", "%", "'"]
)  # fmt: skip
PHONES = st.lists(PIECES | st.text("0123456789", min_size=1, max_size=9), max_size=9).map("".join)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(phones=st.lists(PHONES, min_size=10, max_size=40), country=st.sampled_from(COUNTRIES))
def test_both_give_the_same_key(
    both: Callable[[list[str], str], None], phones: list[str], country: str
) -> None:
    both(phones, country)


def test_both_give_the_same_key_to_known_spellings(both: Callable[[list[str], str], None]) -> None:
    known = ["+60 12-345 6789", "60123456789", "0123456789", "+60 (0)12-345 6789", "0060123456789",
             "+60 012-345 6789", "60123456789:3@s.whatsapp.net", "120363041234567890@g.us",
             "123456789012345", "12345", "", " ", "hello", "6" * 65]  # fmt: skip
    for country in COUNTRIES:
        both(known, country)


@pytest.fixture
def both(world: World) -> Callable[[list[str], str], None]:
    expression = text("audit/phone_key").partition("\n")[2]

    def compare(phones: list[str], country: str) -> None:
        found = world.connection.execute(
            as_query(f"SELECT phone, {expression} AS inlined, seqconsole.phone_key(phone, :'country'::text) AS wrapped "
                     "FROM unnest(:'phones'::text[]) AS phone"),
            {"phones": phones, "country": country},
        ).fetchall()  # fmt: skip
        assert [(r["phone"], r["inlined"]) for r in found] == [
            (r["phone"], r["wrapped"]) for r in found
        ]

    return compare
