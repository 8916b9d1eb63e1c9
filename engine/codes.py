"""Retry as data (DESIGN 5): what a gateway's code leads to, and how patiently, is read from the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from engine.gateways.protocol import Answer, Platform, Verdict
from engine.store import Database
from engine.verdicts import RetryPolicy

_CERTAIN_DOUBT: Final = frozenset(
    {"SUCCESS", "GATEWAY_TIMEOUT", "INTERNAL_SERVER_ERROR", "1", "2", "131000"}
)
_TRIED_AGAIN: Final = frozenset(
    {Verdict.RETRY, Verdict.SLOW_DEVICE, Verdict.HOLD_DEVICE, Verdict.HOLD_CONTACT}
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """The class of a code, and how long to stay away where the gateway itself does not say."""

    verdict: Verdict
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the database says of answers, by platform. `codes` None: not read yet; the gateways' own
    judgement.
    """

    codes: Mapping[str, Mapping[str, Meaning]] | None = None
    policy: RetryPolicy = field(default_factory=RetryPolicy)

    def judged(self, answer: Answer) -> Answer:
        """The answer under these rules."""
        if self.codes is None:
            return answer
        return classify(self.codes.get(answer.platform, {}), answer)


def classify(codes: Mapping[str, Meaning], answer: Answer) -> Answer:
    """The answer with the class of its code. Pure.

    Proof of a send stays, and nothing else becomes one. A doubt of ours (a time-out, a lost
    connection) stays a doubt. A code that `codes` does not have is never tried again by itself.
    """
    if answer.verdict is Verdict.SENT or _is_certain_doubt(answer):
        return answer
    known = codes.get(answer.code)
    if known is None:
        again = answer.written and answer.verdict in _TRIED_AGAIN
        return replace(answer, verdict=Verdict.UNKNOWN) if again else answer
    wait = known.wait if answer.wait is None else answer.wait
    return replace(answer, verdict=known.verdict, wait=wait)


def _is_certain_doubt(answer: Answer) -> bool:
    """Only what the gateway itself says, in capitals or digits, can be known to be before a send."""
    said = (answer.code.isupper() or answer.code.isdigit()) and answer.code not in _CERTAIN_DOUBT
    return answer.verdict is Verdict.UNKNOWN and answer.written and not said


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A row of `seqconsole.codes`."""

    source: str
    code: str
    meaning: str
    wait: timedelta | None


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """The retry settings; None where one is not set."""

    tries: int | None
    first: timedelta | None
    longest: timedelta | None
    breaker_after: int | None


async def load_rules(database: Database) -> Rules:
    """The rules of all gateways as the database has them now. Raises StoreError."""
    async with database.transaction() as tx:
        rows = await tx.rows(CodeRow, "engine/codes", sources=[p.value for p in Platform])
        given = await tx.one(RetrySettings, "engine/retry_settings")
    classes = {v.value: v for v in Verdict if v is not Verdict.SENT}
    codes: dict[str, dict[str, Meaning]] = {platform: {} for platform in Platform}
    for row in rows:
        if row.meaning in classes:
            codes[row.source][row.code] = Meaning(classes[row.meaning], row.wait)
    return Rules(codes, policy_of(given))


def policy_of(given: RetrySettings | None) -> RetryPolicy:
    """The policy of these settings; what is missing or makes no sense is as it is by default."""
    usual = RetryPolicy()
    if given is None:
        return usual
    first = given.first if given.first else usual.first
    return RetryPolicy(
        tries=given.tries or usual.tries,
        first=first,
        longest=max(given.longest or usual.longest, first),
        breaker_after=given.breaker_after or usual.breaker_after,
    )
