"""The judgement of gowa's answers: only explicit proof is sent."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gateways.gowa_answers import judge
from engine.gateways.protocol import BODY_LIMIT, Verdict

PROOF = {"code": "SUCCESS", "message": "ok", "results": {"message_id": "3EB0A1", "status": "ok"}}


def body(code: str) -> bytes:
    return json.dumps({"code": code, "message": "why", "results": None}).encode()


def test_success_with_a_message_id_is_sent() -> None:
    answer = judge(200, {}, json.dumps(PROOF).encode())
    assert (answer.verdict, answer.code, answer.gateway_id) == (Verdict.SENT, "SUCCESS", "3EB0A1")
    assert answer.written


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, "VALIDATION_ERROR", Verdict.FAIL),
        (400, "INVALID_JID", Verdict.FAIL),
        (400, "DEVICE_ID_REQUIRED", Verdict.STOP_DEVICE),
        (404, "DEVICE_NOT_FOUND", Verdict.STOP_DEVICE),
        (401, "AUTHENTICATION_ERROR", Verdict.HOLD_DEVICE),
        (429, "WA_REACHOUT_TIMELOCK", Verdict.HOLD_DEVICE),
        (503, "DEVICE_MANAGER_UNAVAILABLE", Verdict.RETRY),
        (500, "INVALID_WA_CLI", Verdict.UNKNOWN),
        (500, "UPLOAD_MEDIA_ERROR", Verdict.UNKNOWN),
        (500, "INTERNAL_SERVER_ERROR", Verdict.UNKNOWN),
        (504, "GATEWAY_TIMEOUT", Verdict.UNKNOWN),
        (400, "NEVER_HEARD_OF", Verdict.UNKNOWN),
    ],
)
def test_each_error_has_its_class(status: int, code: str, verdict: Verdict) -> None:
    answer = judge(status, {}, body(code))
    assert (answer.verdict, answer.code) == (verdict, code)
    assert answer.gateway_id is None
    assert answer.cold_only is (code == "WA_REACHOUT_TIMELOCK")


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (429, "SOMETHING_ELSE", Verdict.SLOW_DEVICE),
        (502, "DEVICE_MANAGER_UNAVAILABLE", Verdict.UNKNOWN),
        (500, "INVALID_JID", Verdict.UNKNOWN),
        (201, "SUCCESS", Verdict.UNKNOWN),
    ],
)
def test_a_code_under_another_status_is_not_that_code(
    status: int, code: str, verdict: Verdict
) -> None:
    answer = judge(status, {}, body(code))
    assert (answer.verdict, answer.code) == (verdict, f"http_{status}")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"<html>OK</html>",
        json.dumps(PROOF).encode()[:-5],
        b"[" * 60_000,
        b'{"code":"SUCCESS"}',
        b'{"code":"SUCCESS","results":null}',
        b'{"code":"SUCCESS","results":{"message_id":""}}',
        b'{"code":"SUCCESS","results":{"message_id":7}}',
        b'{"code":"SUCCESS","results":{"message_id":"\\ud800"}}',
        b'{"code":"SUCCESS","results":{"message_id":"a\\u0000b"}}',
        b'{"code":["SUCCESS"],"results":{"message_id":"3EB0"}}',
        b'{"code":"ERROR","results":{"message_id":"3EB0"}}',
    ],
)
def test_fault_22_a_200_without_proof_is_unknown(raw: bytes) -> None:
    answer = judge(200, {}, raw)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.gateway_id is None


def test_fault_24_a_redirect_is_unknown_whatever_it_says() -> None:
    answer = judge(302, {"location": "http://elsewhere/"}, json.dumps(PROOF).encode())
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "redirect")


def test_our_own_wrong_credentials_stop() -> None:
    answer = judge(401, {}, b"Unauthorized")
    assert (answer.verdict, answer.code) == (Verdict.STOP_DEVICE, "gateway_credentials")


@pytest.mark.parametrize(
    ("given", "wait"),
    [
        ("30", timedelta(seconds=30)),
        ("999999999", timedelta(days=1)),
        ("-1", None),
        ("١٢", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("", None),
    ],
)
def test_fault_18_the_wait_is_read_and_bounded(given: str, wait: timedelta | None) -> None:
    assert judge(429, {"retry-after": given}, body("TOO_MANY")).wait == wait


@given(st.integers(100, 599), st.binary(max_size=5000))
def test_nothing_but_proof_is_sent(status: int, raw: bytes) -> None:
    answer = judge(status, {}, raw)
    assert answer.verdict is not Verdict.SENT
    assert len(answer.body.encode()) <= BODY_LIMIT
    assert "\0" not in answer.body


@given(
    st.fixed_dictionaries(
        {
            "code": st.sampled_from(["SUCCESS", "ERROR", None]),
            "results": st.one_of(
                st.none(), st.fixed_dictionaries({"message_id": st.text(max_size=5)})
            ),
        }
    )
)
def test_a_sent_answer_carries_a_plain_id(envelope: dict[str, object]) -> None:
    answer = judge(200, {}, json.dumps(envelope).encode())
    assert (answer.verdict is Verdict.SENT) == (answer.gateway_id is not None)
    if answer.gateway_id is not None:
        assert envelope["code"] == "SUCCESS"
        assert answer.gateway_id.isascii()
        assert answer.gateway_id.isprintable()
