"""How an answer of Meta's WhatsApp Cloud API is judged. Pure: no I/O.

Only 200 with a message id is proof of a send (accepted, not yet delivered). An error is judged by
its code, but under a 5xx only by the two that are said before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.gateways.gowa_answers import parse, retry_after
from engine.gateways.protocol import Answer, Platform, Verdict, evidence, is_message_id

CODES: Final[Mapping[int, Verdict]] = {
    131016: Verdict.RETRY,
    133004: Verdict.RETRY,
    1: Verdict.UNKNOWN,
    2: Verdict.UNKNOWN,
    131000: Verdict.UNKNOWN,
    4: Verdict.SLOW_DEVICE,
    80007: Verdict.SLOW_DEVICE,
    130429: Verdict.SLOW_DEVICE,
    131056: Verdict.HOLD_CONTACT,
    131049: Verdict.HOLD_CONTACT,
    130472: Verdict.HOLD_CONTACT,
    100: Verdict.FAIL,
    131008: Verdict.FAIL,
    131009: Verdict.FAIL,
    131026: Verdict.FAIL,
    131047: Verdict.FAIL,
    131051: Verdict.FAIL,
    132000: Verdict.FAIL,
    132001: Verdict.FAIL,
    132012: Verdict.FAIL,
    131050: Verdict.SUPPRESS,
    0: Verdict.STOP_DEVICE,
    190: Verdict.STOP_DEVICE,
    10: Verdict.STOP_DEVICE,
    368: Verdict.STOP_DEVICE,
    131031: Verdict.STOP_DEVICE,
    131042: Verdict.STOP_DEVICE,
    131048: Verdict.STOP_DEVICE,
    **dict.fromkeys(range(200, 300), Verdict.STOP_DEVICE),
}
"""Code -> class, as the codes table has it; any other code is not tried again by itself."""

BEFORE_SENDING: Final = frozenset({131016, 133004})
"""Codes that come with a 5xx and yet are a refusal."""
TOKEN: Final = frozenset({0, 190})
"""Codes that concern the token, hence every device of the account."""


def judge(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """The verdict on a complete answer. Header names in `headers` are lower case."""
    text = evidence(body)
    if 300 <= status < 400:
        return _answer(Verdict.UNKNOWN, "redirect", text)
    envelope = parse(body)
    if status == 200 and envelope is not None and "error" not in envelope:
        return _accepted(envelope, text)
    code = _code(envelope)
    if code is not None and (status < 500 or code in BEFORE_SENDING):
        return Answer(
            CODES.get(code, Verdict.UNKNOWN),
            str(code),
            body=text,
            wait=retry_after(headers),
            whole_host=code in TOKEN,
            platform=Platform.META,
        )
    if status == 429:
        wait = retry_after(headers)
        return Answer(Verdict.SLOW_DEVICE, "http_429", body=text, wait=wait, platform=Platform.META)
    if status == 401 and code is None:
        return Answer(
            Verdict.STOP_DEVICE,
            "gateway_credentials",
            body=text,
            whole_host=True,
            platform=Platform.META,
        )
    if envelope is None and status < 500:
        return _answer(Verdict.UNKNOWN, "malformed", text)
    return _answer(Verdict.UNKNOWN, f"http_{status}", text)


def _answer(verdict: Verdict, code: str, text: str, gateway_id: str | None = None) -> Answer:
    return Answer(verdict, code, gateway_id=gateway_id, body=text, platform=Platform.META)


def _accepted(envelope: Mapping[str, Any], text: str) -> Answer:
    messages = envelope.get("messages")
    first = messages[0] if isinstance(messages, list) and len(messages) == 1 else None
    gateway_id = first.get("id") if isinstance(first, dict) else None
    if is_message_id(gateway_id):
        return _answer(Verdict.SENT, "ACCEPTED", text, gateway_id)
    return _answer(Verdict.UNKNOWN, "no_proof", text)


def _code(envelope: Mapping[str, Any] | None) -> int | None:
    error = envelope.get("error") if envelope else None
    code = error.get("code") if isinstance(error, dict) else None
    # True is an int to Python, and no code.
    known = isinstance(code, int) and not isinstance(code, bool) and 0 <= code < 10_000_000
    return code if known else None
