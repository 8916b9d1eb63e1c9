"""Replies: noted once; stop ends all sending to a person, whatever the spelling; another as the setting says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.operations.lift import lift, preview_lift
from engine.operations.model import Scope, Target
from engine.operations.undo import undo
from engine.reader import Reader
from engine.receiving.events import Reply
from engine.receiving.replies import finish_endings
from engine.receiving.stop_words import says_stop, words_of
from engine.receiving.taking import Taker
from engine.store import Database
from tests.engine.steps import end, prepare, take
from tests.operations.scene import ME, sound
from tests.receiving.scene import DOUBT, Sent, sent
from tests.world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_acts(world: World) -> None:
    world.run("DELETE FROM seqconsole.settings WHERE name = 'on_reply'")


async def next_for(one: Sent) -> list[str]:
    """What is claimed for this person once everything is due."""
    one.world.advance(days=3)
    await prepare(one.database)
    return [c.phone for c in await take(one.database, 1000) if c.phone == one.phone]


async def test_stop_ends_all_sending_to_a_person(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    other = world.sequence(f"other {phone}", (0, 0))
    world.contact(
        other,
        f"+{phone[:2]} {phone[2:4]}-{phone[4:]}",
        one.device,
        statuses=["pending"] * 2,
        due=world.now(),
    )
    world.message(one.device, f"{phone}@s.whatsapp.net", "a campaign")
    await prepare(database)
    await one.took(one.reply("STOP"))
    assert one.suppressed() == 1
    assert await next_for(one) == []
    later = world.sequence(f"later {phone}", (0,))
    world.contact(later, f"00{phone}", one.device, due=world.now())
    world.message(one.device, f"+{phone}", "another campaign")
    assert await next_for(one) == []
    gates = await Reader(database).explain_contact(
        world.value("SELECT id FROM sequence_contacts WHERE sequence_id = %s", later[0])
    )
    assert [g.value for g in gates if g.name == "hold: contact"] == ["replied: stop"]
    await sound(world, database)


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("STOP", True), ("stop.", True), ("*Stop!*", True), (" \n«Stop» 🙏", True), ("ＳＴＯＰ", True),
        ("stop\u200b", True), ("Berhenti", True), ("BERHENTI LANGGANAN", True), ("jangan  hantar\nlagi", True),
        ("opt-out", True), ("Unsubscribe!!", True), ("stop️", True),
        ("don't stop", False), ("stop by at 5?", False), ("stopp", False), ("nonstop", False), ("st op", False),
        ("", False), ("?!", False), ("berhentilah", False), ("stop\0", False), ("S" * 5000, False),
    ],
)  # fmt: skip
def test_the_whole_reply_is_the_word(text: str, stops: bool) -> None:
    words = [
        "stop",
        "opt out",
        "unsubscribe",
        "berhenti",
        "berhenti langganan",
        "jangan hantar lagi",
    ]
    assert says_stop(text.replace("\0", "x"), words) is stops


def test_words_are_a_setting_by_language() -> None:
    assert words_of('{"ta": ["நிறுத்து"], "xx": "no list", "n": [1]}') == ["நிறுத்து"]
    assert words_of("[]") == words_of("nonsense") == words_of(None) == []
    assert says_stop("நிறுத்து!", ["நிறுத்து"])
    assert not says_stop("நிறுத்த", ["நிறுத்து"])


async def test_a_repeated_stop_does_nothing_after_the_operator_lifted_it(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    stop = one.reply("stop")
    await one.took(stop, stop)
    await one.took(stop)
    operations = world.run(
        "SELECT who, verb, reason, n FROM seqconsole.operations ORDER BY id DESC LIMIT 1"
    )
    assert operations == [{"who": "receive", "verb": "suppress", "reason": "replied: stop", "n": 1}]
    target = Target(Scope.CONTACT, (phone,))
    preview = await preview_lift(database, "suppression", target)
    await lift(database, ME, "suppression", target, pinned=preview.pinned)
    await one.took(stop)
    assert one.suppressed() == 0
    assert await next_for(one) == [phone]
    await one.took(one.reply("stop"))
    assert one.suppressed() == 1


async def test_a_device_is_known_by_each_of_its_names(
    world: World, database: Database, phone: str
) -> None:
    device = world.device(f"of {phone}")
    world.run(
        "UPDATE user_devices SET jid = %s WHERE id = %s", f"{phone}9:4@s.whatsapp.net", device
    )
    taker = Taker(database, {f"{phone}8@s.whatsapp.net": device, "sales-3": device})
    names = (
        str(device),
        f"{phone}9:5@s.whatsapp.net",
        f"{phone}9",
        f"{phone}8:1@s.whatsapp.net",
        "sales-3",
        "x",
    )
    for n, name in enumerate(names):
        await taker.take([Reply(f"{phone} {n}", phone, device=name)])
    found = world.run(
        "SELECT device_id FROM seqconsole.replies WHERE phone_key = %s ORDER BY reply_id", phone
    )
    assert [row["device_id"] for row in found] == [device] * 5 + [None]


async def test_only_an_operator_lifts(world: World, database: Database, phone: str) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    await one.took(one.reply("stop"))
    await one.took(one.reply("START"), one.reply("yes please"), one.reply("unstop"))
    assert one.suppressed() == 1


async def test_a_stop_is_undone_behind_the_wait(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    await one.took(one.reply("stop"))
    operation = world.value("SELECT max(id) FROM seqconsole.operations")
    world.advance(hours=1)
    done = await undo(database, ME, operation)
    assert done.sends_from is not None
    await prepare(database)
    assert not [c for c in await take(database) if c.phone == phone]
    world.advance(seconds=11)
    await prepare(database)
    assert [c.phone for c in await take(database) if c.phone == phone] == [phone]


async def test_a_stranger_and_an_unknown_number_may_say_stop(
    world: World, database: Database, phone: str, caplog: pytest.LogCaptureFixture
) -> None:
    one = await sent(world, database, phone)
    stranger = f"{phone}77"
    await one.took(one.reply("stop", phone=f"{stranger}@s.whatsapp.net"))
    assert one.suppressed(stranger) == 1
    await one.took(one.reply("stop", phone="123456789012345678@lid"))
    assert "look at the chat" in caplog.text
    found = "SELECT ids FROM seqconsole.findings WHERE kind = 'nameless stop'"
    assert world.run(found) == [{"ids": [one.device]}]
    assert (
        world.value(
            "SELECT count(*) FROM seqconsole.replies WHERE phone_key LIKE '123456789012345%%'"
        )
        == 0
    )


async def test_stop_while_a_message_is_in_flight_ends_after_it(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.took(one.reply("stop"))
    await one.ended()
    assert one.contact_states[0] == "completed"
    assert await next_for(one) == []


async def test_a_plain_reply_changes_nothing_by_itself(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    await one.ended()
    await one.took(one.reply("who is this?"))
    row = world.run("SELECT * FROM seqconsole.replies WHERE phone_key = %s", phone)[0]
    assert (row["kind"], row["sequence_id"], row["device_id"]) == ("p", one.sequence[0], one.device)
    assert "who is this" not in str(row)
    assert await next_for(one) == [phone]


async def test_a_reply_pauses_its_sequence_for_the_person_where_the_setting_says_so(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    world.setting("on_reply", "pause", "sequence", str(one.sequence[0]))
    await one.ended()
    other = world.sequence(f"other {phone}", (0,))
    world.contact(other, phone, one.device, due=world.now())
    friend = f"{phone}5"
    world.contact(one.sequence, friend, one.device, due=world.now())
    await prepare(database)
    reply = one.reply("wait")
    await one.took(reply)
    await one.took(reply, one.reply("hello?"))
    gates = await Reader(database).explain_contact(
        world.value("SELECT id FROM sequence_contacts WHERE sequence_id = %s", other[0])
    )
    assert [g.passes for g in gates if g.name == "hold: contact"] == [True]
    world.advance(days=1)
    claimed = []
    for _ in range(4):
        await prepare(database)
        claims = await take(database, 1000)
        claimed += [c.content for c in claims if c.phone in (phone, friend)]
        await end(database, claims)
        world.advance(minutes=1)
    assert sorted(claimed) == [
        f"S {phone} 1",
        f"other {phone} 1",
    ]  # the friend's, and the other sequence's
    assert (
        world.value(
            "SELECT count(*) FROM seqconsole.operations WHERE verb = 'hold replied' AND target::text LIKE %s",
            f"%{phone}%",
        )
        == 1
    )
    await sound(world, database)
    operation = world.value("SELECT max(id) FROM seqconsole.operations WHERE verb = 'hold replied'")
    done = await undo(database, ME, operation)
    assert done.sends_from == world.now() + timedelta(seconds=10)
    assert world.value("SELECT count(*) FROM seqconsole.holds WHERE key = %s", phone) == 0
    await one.took(one.reply("no, wait"))
    preview = await preview_lift(database, "reply", Target(Scope.CONTACT, (phone,)))
    await lift(database, ME, "reply", Target(Scope.CONTACT, (phone,)), pinned=preview.pinned)
    assert await next_for(one) == [phone]


async def test_a_reply_to_another_device_pauses_nothing(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    world.setting("on_reply", "pause", "default")
    await one.ended()
    await one.took(Reply("1", phone, None, str(world.device()), "hi"))
    assert await next_for(one) == [phone]


async def test_a_reply_ends_its_sequence_where_the_setting_says_so(
    world: World, database: Database, phone: str
) -> None:
    one = await sent(world, database, phone)
    world.setting("on_reply", "pause", "default")
    world.setting("on_reply", "end", "sequence", str(one.sequence[0]))
    await one.ended()
    await prepare(database)
    await one.took(one.reply("done, thanks"))
    assert one.contact_states == ["completed", "skipped", "skipped"]
    assert await finish_endings(database) == 0
    assert await next_for(one) == []
    await sound(world, database)
    found = world.run(
        "SELECT id, who, reason FROM seqconsole.operations WHERE verb = 'skip' ORDER BY id DESC LIMIT 1"
    )[0]
    assert (found["who"], found["reason"]) == ("receive", "replied")
    await undo(database, ME, found["id"])
    assert one.contact_states[1:] != ["skipped", "skipped"]
    assert await next_for(one) == []  # the hold of the reply still stands


@pytest.mark.parametrize("doubtful", [False, True])
async def test_what_is_in_flight_or_in_doubt_is_ended_later(
    world: World, database: Database, phone: str, doubtful: bool
) -> None:
    one = await sent(world, database, phone)
    world.setting("on_reply", "end", "sequence", str(one.sequence[0]))
    if doubtful:
        await one.ended(DOUBT)
    await one.took(one.reply("done"))
    assert "skipped" not in one.contact_states
    await one.ended()
    assert await next_for(one) == []
    assert await finish_endings(database) == 1
    assert one.contact_states == ["completed", "skipped", "skipped"]
