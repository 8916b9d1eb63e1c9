"""Names that act on a terminal, break markup or take a lot of room, in each place that a screen shows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from uuid import uuid4

from tests.world import World

PIECES = (
    "\x1b", "\x1b[2J", "\x1b[31;5m", "\x1b[?1049l", "\x1b[6n", "\x1b[8;1;1t", "\x1b[c", "\x1bc",
    "\x1b]0;title\x07", "\x1b]52;c;aGFja2Vk\x07", "\x1b]8;;http://evil\x1b\\", "\x1bP$q\"p\x1b\\",
    "\x1b_Gf=100;AAAA\x1b\\", "\x1b^pm\x1b\\", "\x9b2J", "\x9d52;c;aGk=\x9c", "\x90", "\x85",
    "\x07", "\x08\x08\x08", "\r", "\n", "\t", "\x0b", "\x0c", "\x0e", "\x0f", "\x7f", "\x18",
    "\u202e", "\u202a\u202b\u202d\u202c", "\u2066\u2067\u2068\u2069", "\u2028\u2029", "\u200b\ufeff\u2060",
    "\u200d", "\u061c", "\u00ad", "\u3164", "\u115f", "\ufff9\ufffa\ufffb", "\U000e0041\U000e007f",
    "[/]", "[bold]", "[/nope]", "[@click=app.quit]", "[link=http://evil]", "[$primary]", "\\[", "[[",
    "{0}", "%s%n", "=1+1", "@SUM(A1)", "'; DROP TABLE user_devices; --", "$(id)", "`id`",
    "e" + "\u0301" * 40, "\u0489" * 20, "👩‍👩‍👧‍👦", "👍🏽", "🇲🇾", "漢字漢字", "ｆｕｌｌ", "العربية", "ไทยน้ำ", "नमस्ते",
    "\ufdfd", "𓀀", "\ue000", "\U0010ffff", "x" * 300,
)  # fmt: skip


def names(count: int, seed: int) -> Iterator[str]:
    """So many names, each with its number first: `#0041`, by which one knows that it was drawn."""
    dice = random.Random(seed)
    for number in range(count):
        pieces = dice.choices(PIECES, k=dice.randint(1, 4))
        rubbish = "".join(
            chr(dice.choice((dice.randint(1, 31), dice.randint(127, 159), dice.randint(1, 0xD7FF))))
            for _ in range(dice.randint(0, 6))
        )
        yield f"#{number:05d} {''.join(pieces)}{rubbish}"


def fill(world: World, count: int, seed: int = 1) -> None:
    """`count` hostile names, some of a megabyte: devices, sequences, steps, contacts, duplicates, messages, holds, operations."""
    made = names(count, seed)
    world.run("ALTER TABLE sequence_contacts DROP CONSTRAINT IF EXISTS uk_sequence_contact_stepid")
    _devices(world, [next(made) for _ in range(count * 3 // 5)])
    sequences = [world.sequence(next(made), (0,)) for _ in range(max(2, count // 100))]
    _contacts(world, sequences[0], made, count // 5, rows=1)
    _contacts(world, sequences[1], made, count // 20, rows=2)
    _messages(world, made, count // 10)
    _acts(world, list(made))
    world.message(world.value("SELECT id FROM user_devices LIMIT 1"), "6012", "🇲🇾\x1b[2J" * 170_000)
    for column in ("device_name", "phone", "platform"):
        world.run(
            f"UPDATE user_devices SET {column} = {column} || repeat(%s, 150000) "
            "WHERE id IN (SELECT id FROM user_devices ORDER BY id LIMIT 3)",
            "é\x1b[2J",
        )


def _devices(world: World, given: list[str]) -> None:
    with world.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO user_devices (user_id, device_name, platform, phone, jid, status) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [(world.user, name, name, name, name, name) for name in given],
        )


def _contacts(
    world: World, sequence: list[object], made: Iterator[str], count: int, *, rows: int
) -> None:
    odd = ("pending", "failed", "\x1b[2J", "[/]", "active")
    with world.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sequence_contacts (sequence_id, contact_phone, contact_name, current_step, "
            "sequence_stepid, status, last_error) VALUES (%s, %s, %s, 1, %s, %s, %s)",
            [
                (sequence[0], f"6012{rows}{n:07d}", name, sequence[1], odd[(n + row) % 5], name)
                for n, name in zip(range(count), made, strict=False)
                for row in range(rows)
            ],
        )


def _messages(world: World, made: Iterator[str], count: int) -> None:
    device = world.value("SELECT id FROM user_devices ORDER BY device_name LIMIT 1")
    odd = ("pending", "failed", "sent", "\x9b2J", "skipped")
    with world.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO broadcast_messages (device_id, recipient_phone, recipient_name, content, status, "
            "error_message, scheduled_at) VALUES (%s, %s, %s, %s, %s, %s, seqconsole.now())",
            [
                (device, f"60130{n:07d}", name, name, odd[n % 5], name)
                for n, name in zip(range(count), made, strict=False)
            ],
        )


def _acts(world: World, given: list[str]) -> None:
    """Operations and holds whose words another program wrote."""
    devices = world.run("SELECT id FROM user_devices ORDER BY device_name LIMIT %s", len(given))
    with world.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO seqconsole.operations (who, verb, reason, summary, at, n) "
            "VALUES (%s, 'pause', %s, %s, seqconsole.now(), 1)",
            [(name, name, name) for name in given],
        )
        cursor.executemany(
            "INSERT INTO seqconsole.holds (scope, key, holder, reason, until) "
            "VALUES ('device', %s, 'operator', %s, 'infinity')",
            [(str(row["id"]), name) for row, name in zip(devices, given, strict=False)],
        )
    world.run(
        "INSERT INTO seqconsole.workers (id, host, pid, version, started_at, ticked_at, lag) "
        "VALUES (%s, %s, 1, %s, seqconsole.now(), seqconsole.now(), '0')",
        uuid4(),
        "\x1b]0;host\x07[/]",
        "\x1b[2J",
    )
