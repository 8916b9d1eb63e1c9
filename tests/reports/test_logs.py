"""A worker's log: harmless, a line an event, and neither phones nor secrets in it."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from engine.alarm_command import clean
from seqconsole.logs import JsonLog, TextLog

CANARIES = ("hunter2canary", "60123456789", "\x1b", "\n", "s3cr3t", "EAAtoken", "dXNlcjpw")


def record(error: Exception | None = None) -> logging.LogRecord:
    said = "settle of +60123456789:\n postgres://ana:hunter2canary@db.example refused \x1b[2J, password='s3cr3t'"
    said += (
        " GET /v20.0?access_token=EAAtoken&x=1 {'Authorization': 'Basic dXNlcjpw'} Bearer EAAtoken2"
    )
    info = None
    if error is not None:
        try:
            raise error
        except ValueError:
            info = sys.exc_info()
    return logging.LogRecord("engine.sending", logging.WARNING, "f", 1, said, None, info)


@pytest.mark.parametrize("formatter", [TextLog(), JsonLog()])
def test_nothing_secret_is_said(formatter: logging.Formatter) -> None:
    for error in (None, ValueError("host=db password=hunter2canary of 60123456789\n")):
        line = formatter.format(record(error))
        for canary in CANARIES:
            assert canary not in line
        assert "+60***789" in line


def test_words_stay() -> None:
    said = "the unique key is missing; basic rule: a secret is kept, token bucket of 80"
    assert clean(said) == said


def test_an_object_a_line() -> None:
    formatter = JsonLog()
    formatter.fields["worker"] = "w"
    entry = json.loads(formatter.format(record(ValueError("no"))))
    assert entry["at"].endswith("+00:00")
    assert (entry["level"], entry["logger"], entry["worker"], entry["error"]) == (
        "warning", "engine.sending", "w", "ValueError: no",
    )  # fmt: skip
