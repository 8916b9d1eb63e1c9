"""Phone numbers inside of texts: masked in every spelling, and nothing else."""

from __future__ import annotations

import pytest

from seqconsole.cli.journal_file import without_phones


@pytest.mark.parametrize(
    "phone",
    [
        "60123456881",
        "+60123456881",
        "+60 12-345 6881",
        "012 345 6881",
        "(012) 345-6881",
        "60\u00a012\u00a03456881",
    ],
)
def test_a_phone_in_a_text_is_masked(phone: str) -> None:
    masked = without_phones({"detail": f"rows of {phone}, twice"})["detail"]
    assert "881, twice" in masked
    assert "***" in masked
    assert "345" not in masked


@pytest.mark.parametrize(
    "text",
    [
        "11111111-1111-4111-8111-123456789012",
        "since 2026-11-24 15:38:00.123456+00",
        "2026-11-24T15:38:00+00:00",
        "host 192.168.100.200:55432",
        "4 of 1000 rows, step 7",
    ],
)
def test_ids_times_and_numbers_stay(text: str) -> None:
    assert without_phones({"detail": text}) == {"detail": text}
