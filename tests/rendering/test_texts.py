"""Placeholders: filled once, or not at all and with the reason."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.world import World

FIELDS = {"name": "Aqil", "|name": "", "city": "Ipoh", "shop": None, "odd": "{name} \\1 & $2"}
FILLED = {
    "Hi {name}!": "Hi Aqil!",
    "Hi {{ name }}, {NAME|x}": "Hi Aqil, Aqil",
    "from {city|your town}": "from Ipoh",
    "from {shop|your shop}": "from your shop",
    "from {shop|}!": "from!",
    "{odd}": "name \\1 & $2",
    "no placeholder {} { } {: } {\"a\": 1} }{": "no placeholder {} { } {: } {\"a\": 1} }{",
    "two\n{name}\nlines": "two\nAqil\nlines",
    "": "",
}  # fmt: skip
REFUSED = {
    "{Hi|Hello} {name}": "{Hi|Hello} is no column of this contact",
    "{Hi|Hello|Salam}": "{Hi|Hello|Salam} offers several texts: a placeholder is {column|fallback}",
    "{name|kak|abang}": "{name|kak|abang} offers several texts: a placeholder is {column|fallback}",
    "see ?c={x}": "{x} is no column of this contact",
    "{{1}}": "{1} is no column of this contact",
    "from {shop}": "{shop} has no value for this contact, and no fallback",
    "{名字}": "{名字} is no column of this contact",
}


def fill(world: World, text: str | None, fields: dict[str, Any]) -> tuple[str | None, str | None]:
    row = world.run("SELECT * FROM seqconsole.fill_in(%s, %s)", text, Jsonb(fields))[0]
    return row["text"], row["problem"]


@pytest.mark.parametrize(("text", "wanted"), FILLED.items())
def test_what_is_known_is_filled_in(world: World, text: str, wanted: str) -> None:
    assert fill(world, text, FIELDS) == (wanted, None)


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_a_text_with_a_hole_is_none(world: World, text: str, why: str) -> None:
    assert fill(world, text, FIELDS) == (None, why)


@pytest.mark.parametrize(
    ("text", "wanted"),
    {
        "Hi {name}, apa khabar": "Hi, apa khabar",
        "{name}, apa khabar": "apa khabar",
        "Selamat pagi {name}!": "Selamat pagi!",
        "{name} 您好": "您好",
        "Salam\n{name}": "Salam\n",
    }.items(),
)
def test_a_missing_name_leaves_no_hole(world: World, text: str, wanted: str) -> None:
    assert fill(world, text, {"name": None, "|name": ""}) == (wanted, None)


def test_what_was_filled_in_has_nothing_left_to_fill(world: World) -> None:
    for text in FILLED:
        once = fill(world, text, FIELDS)[0]
        assert fill(world, once, FIELDS)[0] == once


def test_the_name_falls_back_to_what_its_sequence_says(world: World) -> None:
    one, other = world.sequence("one")[0], world.sequence("other")[0]
    world.setting("name_fallback", "Cik", "default")
    world.setting("name_fallback", "kawan", "sequence", str(one))

    def said(sequence: Any, name: str | None, text: str = "Hi {name}") -> str:
        return world.value(
            "SELECT (seqconsole.render(%s, %s, '60123456789', %s)).text", text, sequence, name
        )

    assert said(one, "60123456789") == "Hi kawan"
    assert said(other, None) == said(None, None) == "Hi Cik"
    assert said(one, "Aqil 2") == "Hi Aqil"
    assert said(one, None, "Hi {name|you}") == "Hi you"
    assert said(one, "Siti Nur", "Hi {first_name} at {phone}") == "Hi Siti at 60123456789"
