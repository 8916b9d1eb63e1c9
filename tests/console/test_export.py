"""ctrl+s: what is written, for whom, and that it harms no spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from seqconsole.exporting import as_csv, cell, write_new
from seqconsole.widgets.columns import Column
from tests.console.fakes import Scene, screen_text, started, toasts, until
from tests.console.figures import NOW

pytestmark = pytest.mark.anyio


async def test_the_rows_that_match_are_written_in_their_order_with_masked_phones(
    scene: Scene, tmp_path: Path
) -> None:
    console = scene.console(exports=tmp_path / "exports")
    async with console.run_test(size=(100, 30)) as pilot:
        await started(pilot)
        await pilot.press("4", "slash", *"state:failed", "enter")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: toasts(console))
        rows = console.top.grid.shown_rows  # type: ignore[union-attr]
        [said] = toasts(console)
    table, picture = sorted((tmp_path / "exports").iterdir())
    assert (table.suffix, picture.suffix) == (".csv", ".svg")
    assert said == f"Saved {len(rows)} messages and a picture: {table}"
    assert table.stat().st_mode & 0o777 == 0o600
    [head, *written] = csv.reader(table.read_text(encoding="utf-8").splitlines())
    assert head[:4] == ["State", "When", "Device", "To"]
    assert len(written) == len(rows) > 0
    assert {line[0] for line in written} == {"× failed"}
    phones = {line[3] for line in written}
    assert all("***" in phone for phone in phones)
    assert "<svg" in picture.read_text(encoding="utf-8")


async def test_a_folder_that_can_not_be_written_is_one_line(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    console = scene.console(exports=tmp_path / "file" / "exports")
    async with console.run_test(size=(100, 30)) as pilot:
        await started(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: toasts(console))
        assert toasts(console)[0].startswith("Nothing saved: ")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+60***881", "'+60***881"),
        ("  @SUM(A1)", "'@SUM(A1)"),
        ("a\x1b]0;x\x07", r"a\x1b]0;x\x07"),
        ("Aqil 2", "Aqil 2"),
    ],
)
def test_a_cell_is_neither_a_formula_nor_an_escape(text: str, shown: str) -> None:
    assert cell(text) == shown
    columns = [Column[str]("a", "A", 3, lambda row: row)]
    assert next(csv.reader([as_csv(columns, [text]).splitlines()[1]])) == [shown]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    first = write_new(tmp_path, "Devices", NOW, {"csv": "1"})
    second = write_new(tmp_path, "Devices", NOW, {"csv": "2"})
    assert first[0].read_text() == "1"
    assert second[0].name.endswith("-2.csv")


async def test_the_path_of_what_was_saved_is_shown_to_its_end(scene: Scene) -> None:
    console = scene.console()
    async with console.run_test(size=(100, 30), notifications=True) as pilot:
        await started(pilot)
        for length in range(93, 100):  # where the line just does or does not fit the terminal
            end = f"END{length}"
            console.say("Saved 24 devices and a picture: " + "x" * (length - 37) + end)
            await until(pilot, lambda end=end: end in screen_text(console))  # type: ignore[misc]
