"""How an answer of Wablas or WhaCenter is judged. Pure: no I/O.

Proof is a 2xx whose JSON says `status` true, literally. They refuse in plain words without codes;
the few words that are understood are listed here, everything else is refused for good.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from engine.gateways.gowa_answers import parse, retry_after
from engine.gateways.protocol import Answer, Verdict, evidence, is_message_id

WORDS: Final = (
    ("TOKEN_REFUSED", re.compile(r"token|unauthori[sz]ed|device_id|device not found", re.I)),
    ("DEVICE_DISCONNECTED", re.compile(r"disconnect|not connected|scan|offline|terputus", re.I)),
    ("QUOTA", re.compile(r"quota|limit|balance|kuota|saldo", re.I)),
)
"""Code -> what its refusal holds; the first that matches."""

CODES: Final[Mapping[str, Verdict]] = {
    "TOKEN_REFUSED": Verdict.STOP_DEVICE,
    "DEVICE_DISCONNECTED": Verdict.HOLD_DEVICE,
    "QUOTA": Verdict.SLOW_DEVICE,
    "REFUSED": Verdict.FAIL,
}
"""Code -> class, as the codes table has it, with the waits."""


def judge(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """The verdict on a complete answer. Header names in `headers` are lower case."""
    text = evidence(body)
    if 300 <= status < 400:
        return Answer(Verdict.UNKNOWN, "redirect", body=text)
    if status >= 500 or status < 200:
        return Answer(Verdict.UNKNOWN, f"http_{status}", body=text)
    if status == 429:
        return Answer(Verdict.SLOW_DEVICE, "http_429", body=text, wait=retry_after(headers))
    if status == 401:
        return Answer(CODES["TOKEN_REFUSED"], "TOKEN_REFUSED", body=text)
    envelope = parse(body)
    if envelope is None:
        kind = "malformed" if status < 300 else f"http_{status}"
        return Answer(Verdict.UNKNOWN, kind, body=text)
    said = envelope.get("status")
    if said is True and status < 300:
        return Answer(Verdict.SENT, "ACCEPTED", gateway_id=_id(envelope), body=text)
    if said is False:
        code = _refusal(envelope)
        return Answer(CODES[code], code, body=text)
    return Answer(Verdict.UNKNOWN, "no_proof" if status < 300 else f"http_{status}", body=text)


def _refusal(envelope: Mapping[str, Any]) -> str:
    words = " ".join(v for key in ("message", "reason") if isinstance(v := envelope.get(key), str))
    return next((code for code, words_of in WORDS if words_of.search(words)), "REFUSED")


def _id(envelope: Mapping[str, Any]) -> str | None:
    """The gateway's id of the message, where it gives one."""
    data = envelope.get("data")
    messages = data.get("messages") if isinstance(data, dict) else None
    first = messages[0] if isinstance(messages, list) and messages else data
    value = first.get("id") if isinstance(first, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if is_message_id(value) else None
