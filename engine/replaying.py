"""After a crash: what dead workers' journals prove is settled; only real doubt stays (DESIGN 5.5)."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

from engine.claiming import Claim
from engine.gateways.protocol import Answer, Verdict
from engine.journal_replay import Fate, Recovered, replay
from engine.settling import Evidence, Settlement, settle, settle_free
from engine.store import Busy, Database, Rejected
from engine.verdicts import settlement

log = logging.getLogger(__name__)

NEVER_WRITTEN = Answer(Verdict.RETRY, "never written", wait=timedelta(0), written=False)


async def replay_journals(database: Database, directory: Path) -> int:
    """Settle what the journals of dead workers in `directory` prove; returns how many attempts.

    A journal of which something is refused, or held by another session, is read again later.
    """
    total = 0
    journals = await asyncio.to_thread(replay, directory)
    try:
        for journal in journals:
            async with database.transaction() as tx:
                open_attempts = await tx.rows(
                    Claim, "engine/attempts_of_worker", worker=journal.worker_id, settled=True
                )
            proven = [s for c in open_attempts if (s := _proven(journal, c)) is not None]
            try:
                total += len(await settle(database, proven))
            except (Rejected, Busy) as error:  # its rows are refused or held: the others' are not
                log.warning("journal of %s: %s", journal.worker_id, error)
                total += sum([await _alone(database, one) for one in proven])
            else:
                journal.finish()
    finally:
        for journal in journals:
            journal.release()
    return total


async def _alone(database: Database, one: Settlement) -> int:
    try:
        return len((await settle_free(database, [one])).recorded)
    except Rejected:
        return 0


def _proven(journal: Recovered, claim: Claim) -> Settlement | None:
    match journal.fate(claim.attempt_id, claim.claimed_at):
        case Fate.NEVER_WRITTEN:
            return settlement(claim, NEVER_WRITTEN, Evidence.JOURNAL)
        case Fate.ANSWERED:
            answers = (a.answer for a in journal.attempts if a.attempt_id == claim.attempt_id)
            answer = next(answers, None)
            return settlement(claim, answer, Evidence.JOURNAL) if answer is not None else None
        case _:
            return None
