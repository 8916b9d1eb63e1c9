"""People by the word that stands with them in `leads` (FAILURES 37-42)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from engine.enrolling import staging
from engine.operations.model import OperationRefused
from engine.operations.undo import undo
from engine.store import Database
from tests.enroll.people import ME, enrolled_leads, looked_leads
from tests.operations.scene import fingerprint
from tests.world import World

pytestmark = pytest.mark.anyio


def lead(world: World, phone: str, words: str | None, user: UUID | None = None) -> UUID:
    return world.value(
        "INSERT INTO leads (user_id, name, phone, trigger, niche) VALUES (%s, 'Siti', %s, %s, 'VITAC') RETURNING id",
        user or world.user,
        phone,
        words,
    )


def words(world: World, id_: UUID) -> str | None:
    return world.value("SELECT trigger FROM leads WHERE id = %s", id_)


async def test_f37_f38_f40_the_whole_word_of_the_same_user_from_one_lead(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequences SET trigger = ' COLD '")
    wanted = lead(world, "60123456701", "WARM, cold ,  HOT")
    alone = lead(world, "60123456702", "COLD")
    others = {
        lead(world, "60123456703", "COLDVITAC"): "COLDVITAC",
        lead(world, "60123456704", "VCOLD,HOT"): "VCOLD,HOT",
        lead(world, "60123456701", "COLD", uuid4()): "COLD",
        lead(world, "+60 12-345 6701", "x,COLD"): "x,COLD",
        lead(world, "60123456705", None): None,
        lead(world, "60123456706", ""): "",
    }
    others[lead(world, "60123456707", "COLD", uuid4())] = "COLD"
    before = fingerprint(world)
    monkeypatch.setattr(staging, "PORTION", 1)
    assert (await looked_leads(database, sequence[0])).n == 2
    assert fingerprint(world) == before
    done = await enrolled_leads(database, sequence[0])
    assert done.n == 2
    assert done.refused == ("1 left out: a line before it has this person",)
    came = {r["contact_phone"] for r in world.run("SELECT contact_phone FROM sequence_contacts")}
    assert came == {"60123456701", "60123456702"}
    person = next(id_ for id_, text in others.items() if text == "x,COLD")
    others.pop(
        person
    )  # two leads of one person: the one that brought it in loses the word, and no other
    left = words(world, wanted), words(world, person)
    assert left in [("WARM,  HOT", "x,COLD"), ("WARM, cold ,  HOT", "x")]
    assert {id_: words(world, id_) for id_ in others} == others
    assert words(world, alone) is None
    assert (await undo(database, ME, None)).refused == ()
    assert fingerprint(world) == before


async def test_f41_the_word_may_go_without_a_trace_of_an_error(
    world: World, database: Database
) -> None:
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequences SET trigger = 'COLD'")
    lead(world, "60123456701", "COLD")
    await enrolled_leads(database, sequence[0])
    assert world.run("SELECT source, fields FROM seqconsole.enrolments") == [
        {"source": "leads: COLD", "fields": {"niche": "VITAC"}}
    ]
    lead(world, "60123456701", "COLD")
    assert (await enrolled_leads(database, sequence[0])).n == 0
    kept = lead(world, "60123456702", "COLD")
    assert (await enrolled_leads(database, sequence[0], keep_words=True)).n == 1
    assert words(world, kept) == "COLD"


async def test_f42_an_empty_or_shared_trigger_lets_nobody_in(
    world: World, database: Database
) -> None:
    one, other = world.sequence("one", (0,)), world.sequence("other", (0,))
    lead(world, "60123456701", ",, ,")
    for trigger in (None, "", "  "):
        world.run("UPDATE sequences SET trigger = %s", trigger)
        with pytest.raises(OperationRefused, match="has no trigger"):
            await enrolled_leads(database, one[0])
    world.run("UPDATE sequences SET trigger = 'COLD' WHERE id = %s", one[0])
    world.run("UPDATE sequences SET trigger = ' cold' WHERE id = %s", other[0])
    with pytest.raises(OperationRefused, match="also lets people into other"):
        await enrolled_leads(database, one[0])


async def test_a_lead_changed_since_is_not_undone(world: World, database: Database) -> None:
    sequence = world.sequence(delays=(0,))
    world.run("UPDATE sequences SET trigger = 'COLD'")
    changed = lead(world, "60123456701", "COLD,HOT")
    lead(world, "60123456702", "COLD")
    done = await enrolled_leads(database, sequence[0])
    world.run("UPDATE leads SET trigger = 'HOT,NEW' WHERE id = %s", changed)
    back = await undo(database, ME, done.operation_id)
    assert back.refused == ("+60***701: its lead was changed since",)
    assert world.value("SELECT count(*) FROM sequence_contacts") == 1
