"""Whatever JSON a gateway signs: it is read as events within bounds, or refused as unreadable; never a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.receiving import gowa, meta
from engine.receiving.events import (
    LONGEST_ID,
    LONGEST_NAME,
    LONGEST_TEXT,
    Event,
    Receipt,
    Unreadable,
)
from engine.receiving.stop_words import says_stop

WORDS = [
    "event", "payload", "message.ack", "message", "ids", "id", "chat_id", "from", "body", "receipt_type", "read",
    "timestamp", "device_id", "is_from_me", "object", "whatsapp_business_account", "entry", "changes", "value", "statuses",
    "messages", "status", "delivered", "failed", "errors", "code", "type", "text", "interactive", "button_reply", "title",
    "metadata", "phone_number_id", "recipient_id", "user_preferences", "wa_id", "stop", "biz_opaque_callback_data",
]  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(max_size=2000),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6)
    ),
    max_leaves=30,
)
GOWA = st.fixed_dictionaries(
    {"event": st.sampled_from(["message", "message.ack"]), "payload": JSON},
    optional={"device_id": JSON},
)
META = JSON.map(
    lambda value: {
        "object": "whatsapp_business_account",
        "entry": [
            {"changes": [{"value": value}, {"value": {"statuses": [value], "messages": [value]}}]}
        ],
    }
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("read", "documents"), [(gowa.events, GOWA | JSON), (meta.events, META | JSON)]
)
def test_any_json_is_events_or_unreadable(
    read: Callable[[object], list[Event]], documents: st.SearchStrategy[Any]
) -> None:
    @settings(max_examples=150, deadline=None, database=None)
    @given(documents)
    def holds(document: object) -> None:
        try:
            found = read(document)
        except Unreadable:
            return
        for event in found:
            assert len(event.phone) <= LONGEST_NAME
            assert "\0" not in event.phone + event.device
            if isinstance(event, Receipt):
                assert 0 < len(event.gateway_id) <= LONGEST_ID
            else:
                assert event.reply_id
                assert len(event.text) <= LONGEST_TEXT
                says_stop(event.text, ["stop"])

    holds()
