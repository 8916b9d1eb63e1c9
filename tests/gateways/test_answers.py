"""The judgement of the Cloud API's, Wablas' and WhaCenter's answers: only explicit proof is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gateways import hosted_answers, meta_answers
from engine.gateways.protocol import BODY_LIMIT, Verdict


def error(code: Any) -> bytes:
    return json.dumps(
        {"error": {"message": "why", "type": "OAuthException", "code": code}}
    ).encode()


@pytest.mark.parametrize(("code", "verdict"), list(meta_answers.CODES.items())[:32])
def test_each_code_of_meta_has_its_class(code: int, verdict: Verdict) -> None:
    for status in (400, 401, 403, 429):
        answer = meta_answers.judge(status, {}, error(code))
        assert (answer.verdict, answer.code) == (verdict, str(code))
        assert answer.whole_host is (code in (0, 190))
    under_5xx = meta_answers.judge(500, {}, error(code))
    if code in (131016, 133004):
        assert under_5xx.verdict is Verdict.RETRY
    else:
        assert (under_5xx.verdict, under_5xx.code) == (Verdict.UNKNOWN, "http_500")


@pytest.mark.parametrize(
    ("status", "raw", "code"),
    [
        (400, error(999999), "999999"),
        (400, error(True), "http_400"),
        (400, error("190"), "http_400"),
        (400, error(-1), "http_400"),
        (400, b'{"error":"no"}', "http_400"),
        (200, error(131026), "131026"),
        (200, b'{"error":{}}', "http_200"),
        (200, b'{"messages":[]}', "no_proof"),
        (200, b'{"messages":[{"id":"a"},{"id":"b"}]}', "no_proof"),
        (200, b'{"messages":[{"id":7}]}', "no_proof"),
        (200, b'{"messages":{"id":"wamid.1"}}', "no_proof"),
    ],
)
def test_what_meta_does_not_say_is_no_proof(status: int, raw: bytes, code: str) -> None:
    answer = meta_answers.judge(status, {}, raw)
    assert answer.verdict is (Verdict.FAIL if code == "131026" else Verdict.UNKNOWN)
    assert answer.code == code


def test_a_wrong_token_concerns_the_whole_account() -> None:
    answer = meta_answers.judge(401, {}, b"Unauthorized")
    assert (answer.verdict, answer.code, answer.whole_host) == (
        Verdict.STOP_DEVICE,
        "gateway_credentials",
        True,
    )


@pytest.mark.parametrize(
    ("status", "said", "code", "verdict"),
    [
        (200, "token invalid", "TOKEN_REFUSED", Verdict.STOP_DEVICE),
        (200, "Device_id not found", "TOKEN_REFUSED", Verdict.STOP_DEVICE),
        (401, "anything", "TOKEN_REFUSED", Verdict.STOP_DEVICE),
        (200, "device disconnected, scan again", "DEVICE_DISCONNECTED", Verdict.HOLD_DEVICE),
        (400, "Quota habis", "QUOTA", Verdict.SLOW_DEVICE),
        (200, "phone not valid", "REFUSED", Verdict.FAIL),
        (422, "", "REFUSED", Verdict.FAIL),
    ],
)
def test_words_of_a_refusal(status: int, said: str, code: str, verdict: Verdict) -> None:
    raw = json.dumps({"status": False, "message": said}).encode()
    answer = hosted_answers.judge(status, {}, raw)
    assert (answer.verdict, answer.code) == (verdict, code)


@pytest.mark.parametrize("status", ["true", 1, "success", None, [True], {"a": True}])
def test_only_true_is_true(status: Any) -> None:
    raw = json.dumps({"status": status, "data": {"id": "5"}}).encode()
    answer = hosted_answers.judge(200, {}, raw)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, "no_proof")


@pytest.mark.parametrize(
    ("data", "gateway_id"),
    [
        ({"messages": [{"id": "a-1"}]}, "a-1"),
        ({"id": 7}, "7"),
        ({"id": True}, None),
        ({"messages": [{"id": "a\nb"}]}, None),
        ([1], None),
        (None, None),
    ],
)
def test_the_id_is_kept_where_there_is_one(data: Any, gateway_id: str | None) -> None:
    raw = json.dumps({"status": True, "data": data}).encode()
    answer = hosted_answers.judge(200, {}, raw)
    assert (answer.verdict, answer.gateway_id) == (Verdict.SENT, gateway_id)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "messages", "id", "error", "code", "data", "message"]), inner
        )
    ),
    max_leaves=8,
)


@given(
    st.integers(100, 599),
    st.one_of(st.binary(max_size=3000), ANY.map(lambda v: json.dumps(v).encode())),
)
@pytest.mark.slow
def test_nothing_but_proof_is_sent(status: int, raw: bytes) -> None:
    for judge in (meta_answers.judge, hosted_answers.judge):
        answer = judge(status, {}, raw)
        assert len(answer.body.encode()) <= BODY_LIMIT
        if answer.verdict is not Verdict.SENT:
            continue
        said = json.loads(raw)
        if judge is meta_answers.judge:
            assert status == 200
            assert answer.gateway_id == said["messages"][0]["id"]
        else:
            assert 200 <= status < 300
            assert said["status"] is True
