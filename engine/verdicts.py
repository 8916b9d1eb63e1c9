"""From a gateway's answer to what is recorded: outcome, wait, and the hold it asks for (DESIGN 5, retry)."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Final

from engine.claiming import Claim
from engine.gateways.protocol import Answer, Verdict
from engine.settling import Evidence, Outcome, Settlement, Stop

MOST_TRIES: Final = 5
"""Tries of one message before it is given up as failed."""

FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)
BREAKER_AFTER: Final = 5
"""Failures of a device in a row that put its breaker hold."""

FIRST_BREAK: Final = timedelta(minutes=1)


def settlement(
    claim: Claim,
    answer: Answer,
    evidence: Evidence = Evidence.GATEWAY,
    *,
    chance: float | None = None,
) -> Settlement:
    """What to record of an attempt. `chance` in [0, 1) spreads the wait; drawn when None."""
    outcome = _outcome(claim, answer)
    spread = random.random() if chance is None else chance
    waits = outcome in (Outcome.RETRY, Outcome.NEVER_SENT)
    return Settlement(
        attempt_id=claim.attempt_id,
        claimed_at=claim.claimed_at,
        outcome=outcome,
        evidence=None if outcome is Outcome.UNKNOWN else evidence,
        code=_code(claim, answer, outcome),
        gateway_id=answer.gateway_id,
        body=answer.body,
        wait=_wait(claim.tries, answer, spread) if waits else None,
        stop=_stop(claim, answer, outcome),
    )


def _outcome(claim: Claim, answer: Answer) -> Outcome:
    if answer.verdict is Verdict.SENT:
        return Outcome.SENT
    if answer.verdict in (Verdict.FAIL, Verdict.SUPPRESS):
        return Outcome.FAILED
    if not answer.written:
        return Outcome.NEVER_SENT
    if answer.verdict is Verdict.UNKNOWN:
        return Outcome.UNKNOWN
    if answer.verdict is Verdict.RETRY and claim.tries + 1 >= MOST_TRIES:
        return Outcome.FAILED
    return Outcome.RETRY


def _code(claim: Claim, answer: Answer, outcome: Outcome) -> str:
    if outcome is Outcome.FAILED and answer.verdict is Verdict.RETRY:
        return f"{answer.code} ({claim.tries + 1} tries)"
    return answer.code


def _wait(tries: int, answer: Answer, spread: float) -> timedelta:
    """Back-off doubles with each try, capped, spread over half to the whole of it."""
    if answer.wait is not None:
        return answer.wait
    full: timedelta = min(FIRST_WAIT * (1 << min(tries, 10)), LONGEST_WAIT)
    return full * (0.5 + spread / 2)


def _stop(claim: Claim, answer: Answer, outcome: Outcome) -> Stop | None:
    device, why = str(claim.device_id), answer.code
    match answer.verdict:
        case Verdict.HOLD_DEVICE if answer.cold_only:
            # Of its own holder: the next proven login does not end a reach-out timelock.
            return Stop("device", device, "timelock", why, answer.wait, cold_only=True)
        case Verdict.HOLD_DEVICE:
            return Stop("device", device, "gateway", why, answer.wait)
        case Verdict.STOP_DEVICE:
            return Stop("device", device, "breaker", why, None)
        case Verdict.SLOW_DEVICE:
            return Stop("device", device, "breaker", why, answer.wait or FIRST_BREAK)
        case Verdict.HOLD_CONTACT:
            return Stop("contact", claim.phone, "gateway", why, answer.wait)
        case Verdict.SUPPRESS:
            return Stop("contact", claim.phone, "suppression", why, None)
    failures = claim.failures + 1
    if outcome in (Outcome.SENT, Outcome.FAILED) or failures < BREAKER_AFTER:
        return None
    pause = min(FIRST_BREAK * (1 << min(failures - BREAKER_AFTER, 10)), LONGEST_WAIT)
    return Stop("device", device, "breaker", f"{failures} failures in a row, last: {why}", pause)
