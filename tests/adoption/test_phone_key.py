"""The phone key of a database is the one of the two-argument function, which is the definition."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from engine.adoption import migrate
from engine.store import Access
from tests.world import World

PIECES = ("+", "60", "0", "00", "1", "12", "345", "6789", "-", " ", "(0)", ".", "/", "\u00a0", "\u200e", "@s.whatsapp.net",
          ":3", "@g.us", "x", "٣", "\t", "\n", "600", "0012", "600123456", "60123456789", "123456789012")  # fmt: skip


def spellings(seed: int, number: int = 20_000) -> list[str]:
    draw = random.Random(seed)
    made = ["".join(draw.choices(PIECES, k=draw.randint(0, 6))) for _ in range(number)]
    return [*made, " " * 60 + "60123456", "+", "", "60123456789" + "-" * 60]


@pytest.mark.parametrize("country", ["60", "1", ""])
def test_both_functions_agree_on_every_spelling(
    new_database: Callable[..., str], country: str
) -> None:
    dsn = new_database(template="template0")
    asyncio.run(migrate(Access(dsn), country=country, fresh=True))
    world = World.at(dsn)
    try:
        given = spellings(7)
        rows = world.run(
            "SELECT p, seqconsole.phone_key(p) AS short, seqconsole.phone_key(p, %s) AS long "
            "FROM unnest(%s::text[]) p",
            country,
            given,
        )
        assert [r for r in rows if r["short"] != r["long"]] == []
        assert len({r["short"] for r in rows}) > 300
        assert world.value("SELECT seqconsole.phone_key(NULL) IS NULL")
        body = world.value(
            "SELECT prosrc FROM pg_proc WHERE proname = 'phone_key' AND pronargs = 1"
        )
        assert "translate" in body
    finally:
        world.close()
