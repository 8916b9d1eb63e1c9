"""The name that a greeting says, and values on their way into a text."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World

SAID = {
    "Aqil": "Aqil",
    "  Siti   Nurhaliza\n": "Siti Nurhaliza",
    "Aqil 1": "Aqil",
    "Aqil 12": "Aqil",
    "Aqil (2)": "Aqil",
    "Aqil #3": "Aqil",
    "Aqil2": "Aqil",
    "Aqil - 4 2": "Aqil",
    "1. Aqil": "Aqil",
    "2) Aqil": "Aqil",
    "*Aqil*": "Aqil",
    "{Aqil}": "Aqil",
    "Aq\u200bil\u202e": "Aqil",
    "O'Neil Jr.": "O'Neil Jr.",
    "Nur-Ain": "Nur-Ain",
    "王小明": "王小明",
    "ரவி": "ரவி",
    "Müller": "Müller",
    "علی\u200cرضا": "علی\u200cرضا",
    "Aqil 🌸": "Aqil 🌸",
}
UNSAID = [
    None, "", " ", "60123456789", "+60 12-345 6789", "1", "...", "🌸", "\u200b", "null", "N/A", "12 Step 3 Aqil 9x",
    "Aqil 2 Kedah", "RM500 bit.ly/x9", "visit evil.com now", "Your account http://x", "٣ ٤", "A" * 61, "a@b.my",
]  # fmt: skip


def test_f73_nobody_is_greeted_with_digits(world: World) -> None:
    """Numbers that phone books add go; what is no name is none."""
    names = [*SAID, *UNSAID]
    rows = world.run(
        "SELECT n, seqconsole.greeting_name(n) AS said FROM unnest(%s::text[]) AS n", names
    )
    found = {row["n"]: row["said"] for row in rows}
    assert found == {**SAID, **dict.fromkeys(UNSAID)}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=90))
def test_a_greeting_is_one_line_without_digits_and_braces(world: World, name: str) -> None:
    said = world.value("SELECT seqconsole.greeting_name(%s)", name)
    if said is not None:
        assert said == said.strip()
        assert re.search(r"[0-9{}\n\r\t\u200b\u200e\u200f\u202a-\u202e*_~`]", said) is None
        assert world.value("SELECT seqconsole.greeting_name(%s)", said) == said
