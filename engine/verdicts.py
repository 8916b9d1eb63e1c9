"""From a gateway's answer to what is recorded: outcome, wait, and the hold it asks for (DESIGN 5, retry)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from engine.claiming import Claim
from engine.gateways.protocol import Answer, Verdict
from engine.settling import Evidence, Outcome, Settlement, Stop

FIRST_BREAK: Final = timedelta(minutes=1)
LONGEST_BREAK: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after how long a message is tried again.

    `tries` of one message, then it is given up as failed; `first` wait, doubled each time up to
    `longest`; `breaker_after` failures of a device in a row put its breaker hold.
    """

    tries: int = 5
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=1)
    breaker_after: int = 5


USUAL: Final = RetryPolicy()


def settlement(
    claim: Claim,
    answer: Answer,
    evidence: Evidence = Evidence.GATEWAY,
    *,
    chance: float | None = None,
    policy: RetryPolicy = USUAL,
) -> Settlement:
    """What to record of an attempt. `chance` in [0, 1) spreads the wait; drawn when None."""
    outcome = _outcome(claim, answer, policy)
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
        wait=_wait(claim.tries, answer, spread, policy) if waits else None,
        stop=_stop(claim, answer, outcome, policy),
        host=answer.host,
        counted=answer.verdict is Verdict.RETRY,
    )


def _outcome(claim: Claim, answer: Answer, policy: RetryPolicy) -> Outcome:
    if answer.verdict is Verdict.SENT:
        return Outcome.SENT
    if answer.verdict in (Verdict.FAIL, Verdict.SUPPRESS):
        return Outcome.FAILED
    if not answer.written:
        return Outcome.NEVER_SENT
    if answer.verdict is Verdict.UNKNOWN:
        return Outcome.UNKNOWN
    if answer.verdict is Verdict.RETRY and claim.tries + 1 >= policy.tries:
        return Outcome.FAILED
    return Outcome.RETRY


def _code(claim: Claim, answer: Answer, outcome: Outcome) -> str:
    if outcome is Outcome.FAILED and answer.verdict is Verdict.RETRY:
        return f"{answer.code} ({claim.tries + 1} tries)"
    return answer.code


def _wait(tries: int, answer: Answer, spread: float, policy: RetryPolicy) -> timedelta:
    """Back-off doubles with each try, capped, spread over half to the whole of it."""
    if answer.wait is not None:
        return answer.wait
    full: timedelta = min(policy.first * (1 << min(tries, 10)), policy.longest)
    return full * (0.5 + spread / 2)


def _stop(claim: Claim, answer: Answer, outcome: Outcome, policy: RetryPolicy) -> Stop | None:
    device, why = str(claim.device_id), answer.code
    failures = claim.failures + 1
    match answer.verdict:
        case Verdict.HOLD_DEVICE if answer.cold_only:
            # Of its own holder: the next proven login does not end a reach-out timelock.
            return Stop("device", device, "timelock", why, answer.wait, cold_only=True)
        case Verdict.HOLD_DEVICE if failures < policy.breaker_after:
            return Stop("device", device, "gateway", why, answer.wait)
        case Verdict.STOP_DEVICE if answer.whole_host and answer.host is not None:
            return Stop("host", answer.host, "breaker", why, None)
        case Verdict.STOP_DEVICE:
            return Stop("device", device, "breaker", why, None)
        case Verdict.SLOW_DEVICE:
            return Stop("device", device, "breaker", why, answer.wait or FIRST_BREAK)
        case Verdict.HOLD_CONTACT:
            return Stop("contact", claim.phone, "gateway", why, answer.wait)
        case Verdict.SUPPRESS:
            return Stop("contact", claim.phone, "suppression", why, None)
    if outcome in (Outcome.SENT, Outcome.FAILED) or failures < policy.breaker_after:
        return None
    pause = min(FIRST_BREAK * (1 << min(failures - policy.breaker_after, 10)), LONGEST_BREAK)
    return Stop("device", device, "breaker", f"{failures} failures in a row, last: {why}", pause)
