"""`seqconsole sequence`: out and in again, in place, on and off, each taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.claiming import Claim
from engine.gateways.protocol import Answer, Verdict
from engine.sequences.file import read
from engine.store import Database
from seqconsole.__main__ import main
from tests.engine.steps import end, prepare, send_all, take
from tests.operations.scene import fingerprint, sound
from tests.world import World

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def mine(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQCONSOLE_DATABASE_URL", dsn)


async def ready(database: Database) -> list[Claim]:
    """What is claimed now."""
    await prepare(database)
    return await take(database)


def exported(name: str, capsys: Capture) -> str:
    capsys.readouterr()
    assert main(["sequence", "export", name]) == 0
    return capsys.readouterr().out


def test_a_sequence_goes_out_and_comes_in(world: World, tmp_path: Path, capsys: Capture) -> None:
    world.device()
    sequence = world.sequence(delays=(0, None, 48))
    world.run("UPDATE sequences SET trigger = 'COLD'")
    world.run('UPDATE sequence_steps SET content = E\'Hi {name|you},\n"""ok""" \\\\ {city}\'')
    world.setting("city", True, "column", str(sequence[0]))
    file = exported("Welcome", capsys)
    path = tmp_path / "welcome.toml"
    path.write_text(file)
    before = fingerprint(world)
    assert main(["sequence", "import", str(path)]) == 2
    assert "has a sequence Welcome already" in capsys.readouterr().err
    path.write_text(file.replace('"Welcome"', '"Copy"').replace("COLD", "WARM"))
    assert main(["sequence", "import", str(path), "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 1
    assert fingerprint(world) == before
    assert main(["sequence", "import", str(path)]) == 0
    made = read(exported("Copy", capsys))
    assert (made.steps, made.columns) == (read(file).steps, ("city",))
    assert world.run("SELECT is_active, status, user_id FROM sequences WHERE name = 'Copy'") == [
        {"is_active": False, "status": "inactive", "user_id": world.user}
    ]
    assert main(["undo"]) == 0
    assert fingerprint(world) == before


SETTINGS = """
on_failure = "skip"
on_reply = "pause"
weight = "2.5"
name_fallback = "Cik"
"""


@pytest.mark.anyio
async def test_its_settings_go_out_and_come_in(
    world: World, database: Database, tmp_path: Path, capsys: Capture
) -> None:
    """What is set for a sequence and its steps is in the file; coming in again it counts, and undo takes it back."""
    from asyncio import to_thread

    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    path = tmp_path / "welcome.toml"
    file = await to_thread(exported, "Welcome", capsys)
    set_of = SETTINGS + file[file.index("\n[[step]]") :].replace(
        "day = 2", 'day = 2\nvalid_for = "48h"'
    )
    path.write_text('name = "Welcome"\n' + set_of)
    world.contact(sequence, "60123456789", world.device(), statuses=("pending",) * 2, due=world.now())  # fmt: skip
    (claimed,) = await ready(database)
    await end(database, [claimed], Answer(Verdict.FAIL, "INVALID_JID"))
    await prepare(database)
    assert await take(database) == []
    before = fingerprint(world)
    run = ["sequence", "import", str(path), "--into", "Welcome"]
    assert await to_thread(main, [*run, "--dry-run"]) == 0
    said = capsys.readouterr().out
    for line in (
        "on failure as the default -> skip",
        "weight as the default -> 2.5",
        "day 2: valid for as the default -> 2d",
    ):
        assert line in said
    assert fingerprint(world) == before
    assert await to_thread(main, run) == 0
    out = read(await to_thread(exported, "Welcome", capsys))
    assert out.settings == (("on_failure", "skip"), ("on_reply", "pause"), ("weight", "2.5"), ("name_fallback", "Cik"))  # fmt: skip
    assert [s.settings for s in out.steps] == [(), (("valid_for", "2d"),)]
    assert await to_thread(main, run) == 1  # as the file says
    await prepare(database)
    assert await take(database) == []  # the 10 s before a send
    assert await to_thread(main, ["undo"]) == 0
    assert await to_thread(exported, "Welcome", capsys) == file
    world.advance(seconds=11)
    assert await send_all(database) == []  # its policy is hold again
    assert await to_thread(main, [*run, "--now"]) == 0
    assert len(await send_all(database)) == 1
    await sound(world, database)
    path.write_text('name = "Copy"\n' + set_of)
    assert await to_thread(main, ["sequence", "import", str(path)]) == 0
    copy = read(await to_thread(exported, "Copy", capsys))
    assert (copy.settings, copy.steps) == (out.settings, out.steps)
    assert await to_thread(main, ["undo"]) == 0
    assert world.value("SELECT count(*) FROM seqconsole.settings WHERE scope = 'step'") == 1


@pytest.mark.slow
@pytest.mark.anyio
async def test_what_follows_a_failure_is_set_and_taken_back(
    world: World, database: Database, capsys: Capture
) -> None:
    from asyncio import to_thread

    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    world.contact(sequence, "60123456789", world.device(), statuses=("pending",) * 2, due=world.now())  # fmt: skip
    await end(database, await ready(database), Answer(Verdict.FAIL, "INVALID_JID"))
    await prepare(database)
    run = ["limits", "--sequence", "Welcome", "--on-failure", "skip"]
    assert await to_thread(main, [*run, "--dry-run"]) == 0
    assert "1 person waits behind a failed step" in capsys.readouterr().out
    assert await to_thread(main, run) == 0
    assert await send_all(database) == []  # the 10 s before a send
    assert await to_thread(main, ["undo"]) == 0
    world.advance(seconds=11)
    assert await send_all(database) == []
    assert await to_thread(main, run) == 0
    assert await to_thread(main, [*run[:-1], "stop"]) == 2
    assert "can hold or skip" in capsys.readouterr().err
    world.advance(seconds=11)
    assert len(await send_all(database)) == 1
    assert await to_thread(main, [*run[:-1], "hold"]) == 0
    await prepare(database)
    await sound(world, database)


@pytest.mark.anyio
async def test_f32_steps_are_changed_in_place(
    world: World, database: Database, tmp_path: Path, capsys: Capture
) -> None:
    """Ids stay, a step is never taken away, and who is under way gets the new text in its time."""
    from asyncio import to_thread

    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 24))
    world.contact(sequence, "60123456789", world.device(), statuses=("pending",) * 2, due=world.now())  # fmt: skip
    assert len(await send_all(database)) == 1
    path = tmp_path / "welcome.toml"
    file = await to_thread(exported, "Welcome", capsys)
    path.write_text(file.replace('"Welcome 2"', '"Hi {name}"').replace("wait_hours = 24", "wait_hours = 1"))  # fmt: skip
    before = fingerprint(world)
    run = ["sequence", "import", str(path), "--into", "Welcome"]
    assert await to_thread(main, [*run, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "day 2: waits 24 h -> 1 h, text 'Welcome 2' -> 'Hi {name}'" in said
    assert await to_thread(main, run) == 0
    assert [
        s["id"] for s in world.run("SELECT id FROM sequence_steps ORDER BY day_number")
    ] == sequence[1:]
    assert await to_thread(main, run) == 1
    assert "is as the file says" in capsys.readouterr().out
    assert await to_thread(main, ["undo"]) == 0
    assert fingerprint(world) == before
    assert await to_thread(main, run) == 0
    world.advance(hours=2)
    assert [c.content for c in await send_all(database)] == ["Hi Aqil"]
    path.write_text('name = "Welcome"\n[[step]]\nday = 2\ntext = "x"\n')
    assert await to_thread(main, run) == 2
    assert "lacks day 1: steps are not taken away" in capsys.readouterr().err
    await sound(world, database)


@pytest.mark.slow
@pytest.mark.anyio
async def test_f92_new_steps_go_to_nobody_under_way(
    world: World, database: Database, tmp_path: Path, capsys: Capture
) -> None:
    from asyncio import to_thread

    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 24))
    world.contact(sequence, "60123456789", world.device(), statuses=("pending",) * 2, due=world.now())  # fmt: skip
    assert len(await send_all(database)) == 1
    file = await to_thread(exported, "Welcome", capsys)
    path = tmp_path / "welcome.toml"
    path.write_text(file + '\n[[step]]\nday = 3\nwait_hours = 0\ntext = "new"\n')
    run = ["sequence", "import", str(path), "--into", "Welcome"]
    assert await to_thread(main, [*run, "--dry-run"]) == 0
    assert "1 person under way get no row for new steps." in capsys.readouterr().out
    assert await to_thread(main, [*run, "--now"]) == 0
    for _ in range(3):
        world.advance(days=2)
        await send_all(database)
    assert world.statuses() == {"completed": 2}
    assert world.statuses("broadcast_messages") == {"sent": 2}


@pytest.mark.anyio
async def test_on_is_refused_where_nobody_could_be_sent(
    world: World, database: Database, capsys: Capture
) -> None:
    from asyncio import to_thread

    world.freeze()
    world.engine()
    sequence = world.sequence(delays=(0, 0))
    world.run("UPDATE sequences SET is_active = false, status = 'draft', trigger = 'COLD'")
    world.run("UPDATE sequence_steps SET content = '{nama}' WHERE id = %s", sequence[1])
    world.run("UPDATE sequence_steps SET content = ' ' WHERE id = %s", sequence[2])
    other = world.sequence("other", (0,))
    world.run("UPDATE sequences SET trigger = 'cold' WHERE id = %s", other[0])
    assert await to_thread(main, ["sequence", "on", "Welcome"]) == 2
    said = capsys.readouterr().err
    for why in ("day 1: {nama}", "neither text nor media", "also lets people into other"):
        assert why in said
    world.run("UPDATE sequence_steps SET content = 'Hi'")
    world.run("UPDATE sequences SET trigger = null WHERE id = %s", other[0])
    world.contact(sequence, "60123456789", world.device(), due=world.now())
    await prepare(database)
    before = fingerprint(world)
    assert await to_thread(main, ["sequence", "on", "Welcome", "--dry-run"]) == 0
    assert "1 of 1 open step is due." in capsys.readouterr().out
    assert await to_thread(main, ["sequence", "on", "Welcome"]) == 0
    assert await send_all(database) == []  # the 10 s before a send
    assert await to_thread(main, ["undo"]) == 0
    world.run("UPDATE sequence_contacts SET status = 'pending'")
    assert fingerprint(world)["sequences"] == before["sequences"]
    world.advance(seconds=11)
    assert await send_all(database) == []
    assert await to_thread(main, ["sequence", "on", "Welcome"]) == 0
    assert await to_thread(main, ["sequence", "on", "Welcome"]) == 1
    world.advance(seconds=11)
    assert len(await send_all(database)) == 1
    assert await to_thread(main, ["sequence", "off", "Welcome"]) == 0
