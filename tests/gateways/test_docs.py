"""docs/gateways.md says what the database says: each code, each class."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from engine.gateways.protocol import Platform, Verdict
from tests.world import World

DOCS = Path(__file__).parents[2] / "docs" / "gateways.md"
BEGIN, END = "<!-- codes: begin -->\n", "<!-- codes: end -->"


def test_the_codes_and_classes_of_the_documentation_are_those_of_a_new_database(
    new_database: Callable[..., str],
) -> None:
    world = World.at(new_database())
    rows = world.run("SELECT * FROM seqconsole.codes WHERE source <> 'foreign'")
    world.close()
    text = DOCS.read_text(encoding="utf-8")
    written = text.partition(BEGIN)[2].partition(END)[0]
    assert written == tables(rows)
    for verdict in Verdict:
        if verdict is not Verdict.SENT:
            assert f"| `{verdict}` |" in text


def tables(rows: list[dict[str, object]]) -> str:
    """The rows as the documentation has them: those of all kinds first, then each kind's own."""
    by_code: dict[tuple[str, ...], set[str]] = {}
    for row in rows:
        code = "200 to 299" if str(row["cites"]).startswith("Cloud API, 200") else str(row["code"])
        what = (code, str(row["meaning"]), wait(row["wait"]), str(row["cites"]))
        by_code.setdefault(what, set()).add(str(row["source"]))
    everywhere = {what for what, kinds in by_code.items() if len(kinds) == len(Platform)}
    shown = {"every kind": everywhere}
    for platform in Platform:
        own = {what for what, kinds in by_code.items() if platform in kinds} - everywhere
        shown[str(platform)] = own
    return "\n".join(table(name, found) for name, found in shown.items())


def table(name: str, found: set[tuple[str, ...]]) -> str:
    lines = [f"| {name} | class | wait | what it is |", "|---|---|---|---|"]
    for code, meaning, pause, cites in sorted(found, key=lambda what: (what[1], what[0])):
        lines.append(f"| `{code}` | {meaning} | {pause} | {cites} |")
    return "\n".join(lines) + "\n"


def wait(span: object) -> str:
    if not isinstance(span, timedelta):
        return ""
    for unit, word in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        n, rest = divmod(int(span.total_seconds()), unit)
        if n and not rest:
            return f"{n} {word}{'s' if n > 1 else ''}"
    return str(span)
