"""How an answer of go-whatsapp-web-multidevice (REST API 9.x) is judged. Pure: no I/O.

Only 200 with code SUCCESS and a message id is proof of a send. What is not listed here, every 5xx
but DEVICE_MANAGER_UNAVAILABLE included, is unknown and so never sent again by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from engine.gateways.protocol import Answer, GatewayState, Verdict, evidence, is_message_id

REFUSALS: Final[Mapping[tuple[int, str], Verdict]] = {
    (400, "VALIDATION_ERROR"): Verdict.FAIL,
    (400, "INVALID_JID"): Verdict.FAIL,
    (400, "DEVICE_ID_REQUIRED"): Verdict.STOP_DEVICE,
    (404, "DEVICE_NOT_FOUND"): Verdict.STOP_DEVICE,
    (401, "AUTHENTICATION_ERROR"): Verdict.HOLD_DEVICE,
    (429, "WA_REACHOUT_TIMELOCK"): Verdict.HOLD_DEVICE,
    (503, "DEVICE_MANAGER_UNAVAILABLE"): Verdict.RETRY,
}
"""(status, code) that the gateway gives before it has sent anything."""

_SPOKEN: Final = frozenset(code for _, code in REFUSALS) | {"SUCCESS"}

DEVICE_STATES: Final[Mapping[str, GatewayState]] = {
    "logged_in": GatewayState.ONLINE,
    "connected": GatewayState.LOGGED_OUT,
    "connecting": GatewayState.CONNECTING,
    "disconnected": GatewayState.OFFLINE,
}
"""The gateway's word for a device -> ours. "connected" without a login can't send."""

_LONGEST_WAIT: Final = 86_400
_CODE: Final = re.compile(r"[A-Z0-9_]{1,64}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def judge(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """The verdict on a complete answer. Header names in `headers` are lower case."""
    envelope = parse(body)
    code = _code(envelope)
    text = evidence(body)
    if 300 <= status < 400:
        return Answer(Verdict.UNKNOWN, "redirect", body=text)
    if status == 401 and envelope is None:
        # The gateway's own basic auth: the settings are wrong, for every device behind it.
        return Answer(Verdict.STOP_DEVICE, "gateway_credentials", body=text, whole_host=True)
    if envelope is None and status != 429:
        kind = "malformed" if status < 500 else f"http_{status}"
        return Answer(Verdict.UNKNOWN, kind, body=text)
    if status == 200:
        return _accepted(envelope or {}, code, text)
    wait = retry_after(headers)
    verdict = REFUSALS.get((status, code or ""))
    if verdict is not None and code is not None:
        cold = code == "WA_REACHOUT_TIMELOCK"
        return Answer(verdict, code, body=text, wait=wait, cold_only=cold)
    if status == 429:
        return Answer(Verdict.SLOW_DEVICE, "http_429", body=text, wait=wait)
    # A known code under another status is not the known refusal, whatever the codes table says.
    if code is None or code in _SPOKEN:
        code = f"http_{status}"
    return Answer(Verdict.UNKNOWN, code, body=text)


def parse(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body, or None where there is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _accepted(envelope: Mapping[str, Any], code: str | None, text: str) -> Answer:
    results = envelope.get("results")
    gateway_id = results.get("message_id") if isinstance(results, dict) else None
    if code == "SUCCESS" and is_message_id(gateway_id):
        return Answer(Verdict.SENT, code, gateway_id=gateway_id, body=text)
    return Answer(Verdict.UNKNOWN, "no_proof", body=text)


def _code(envelope: Mapping[str, Any] | None) -> str | None:
    code = envelope.get("code") if envelope else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the gateway asks to be left alone: whole seconds, at most a day."""
    given = headers.get("retry-after", "").strip()
    if not _SECONDS.fullmatch(given):
        return None
    return timedelta(seconds=min(int(given), _LONGEST_WAIT))
