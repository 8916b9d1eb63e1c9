"""What a worker says on standard error: lines, or a JSON object a line; no phone and no secret in either."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from engine.alarm_command import clean
from seqconsole.text import harmless

WORKER: Final = "seqconsole.worker"
"""The logger of what every worker says, however little it is asked to say."""

LONGEST: Final = 1000


class LogFormat(StrEnum):
    """How a worker's log is written."""

    TEXT = "text"
    JSON = "json"


class TextLog(logging.Formatter):
    """`seqconsole: what happened`; no traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        error = _error(record)
        text = record.getMessage() + (f": {error}" if error else "")
        return f"seqconsole: {harmless(clean(text), LONGEST)}"


class JsonLog(logging.Formatter):
    """An object a line: at (this machine's clock, UTC), level, logger, message, error, and `fields`."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def format(self, record: logging.LogRecord) -> str:
        """One object on one line."""
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": harmless(clean(record.getMessage()), LONGEST),
            **self.fields,
        }
        if error := _error(record):
            entry["error"] = harmless(clean(error), LONGEST)
        return json.dumps(entry, ensure_ascii=False)


def _error(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return f"{type(error).__name__}: {error}" if error is not None else ""


def log_to_stderr(level: int, how: LogFormat) -> TextLog | JsonLog:
    """Send the logs to standard error; returns the formatter."""
    formatter = JsonLog() if how is LogFormat.JSON else TextLog()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    logging.getLogger(WORKER).setLevel(logging.INFO)
    return formatter
