"""What the engine recorded while it worked: kinds of `seqconsole.findings`, duplicates aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.doctor.model import Check


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of finding means, and what to do."""

    what: str
    why: str
    repair: str
    grave: bool = True


KINDS: Final = {
    "another sender": _Kind(
        "Messages changed to sending or sent, and not by us.",
        "Two senders together break the limit of 80 and send twice.",
        "Stop the other sender; the hold ends ten minutes after its last sight",
    ),
    "vanished message": _Kind(
        "A message that the ledger knows was deleted.",
        "What was sent stays known; what was queued is not sent.",
        "Nothing: the ledger keeps what it was. Find out who deletes",
    ),
    "emptied queue": _Kind(
        "The queue was emptied: the messages of what was sent before are gone.",
        "What was sent stays known, but not what it said.",
        "Nothing: the ledger keeps what it was. Find out who empties tables",
    ),
    "foreign edit": _Kind(
        "Another writer changed the state of a message in flight or in doubt; the old state was kept.",
        "It would have hidden a doubt, or sent the message again.",
        "Stop whoever writes it; settle the doubt: seqconsole settle",
    ),
    "unsendable message": _Kind(
        "A pending message that will never be sent, for the reason it names.",
        "It counts as queued.",
        "seqconsole skip --ids MESSAGE",
    ),
    "unreadable change": _Kind(
        "A change of another application that could not be followed.",
        "Counters and open work do not know of these rows.",
        "Correct the rows; any write to them is read again",
    ),
    "unclaimable": _Kind(
        "Due messages that nobody can send, and no gate opens by itself.",
        "They wait for ever, and count as due.",
        "Open what it names: resume, a limit above 0, a device: seqconsole reassign",
    ),
    "stranded": _Kind(
        "A lost device, and no other device of its user can take over.",
        "What waits for it is not sent.",
        "Log a device of this user in again; then seqconsole reassign --device, --balance",
    ),
    "old transaction": _Kind(
        "A transaction that is open for long.",
        "Dead rows can't be removed while it lasts: the engine's tables grow and slow down.",
        "End it where it was begun, or by its pid: select pg_terminate_backend(pid)",
    ),
    "delivered after all": _Kind(
        "A message that was given up, and a receipt says that it arrived.",
        "To retry it would be to send it twice.",
        "seqconsole mark-sent --ids MESSAGE",
    ),
    "nameless stop": _Kind(
        "A person said stop, and the gateway does not tell the number.",
        "The person is written to again.",
        "Look at the device's chats; then seqconsole suppressed --add PHONE",
    ),
    "slow claims": _Kind(
        "Claims take longer than they should.",
        "Devices that are free wait for their next message.",
        "Look for a long transaction, a full disk, a busy server",
        grave=False,
    ),
    "drift": _Kind(
        "Counters differed from a recount, and were corrected.",
        "Something wrote past the change feed: a disabled trigger, a restored copy.",
        "Nothing: they are right again. It stays until the next drift",
        grave=False,
    ),
}


def recorded(kind: str) -> Check:
    """The check that shows what was recorded of a kind."""
    known = KINDS.get(
        kind, _Kind(f"The engine recorded: {kind}.", "See its detail.", "See its detail")
    )
    return Check(
        name=kind.replace(" ", "-"),
        title=kind,
        what=known.what,
        why=known.why,
        unit="findings",
        repair=known.repair,
        grave=known.grave,
        ours=True,
        sql="unsendable" if kind == "unsendable message" else "recorded",
        params={"kind": kind},
    )
