"""The only user of psycopg: connections, transactions, SQL files, migrations."""

from __future__ import annotations

from engine.store.database import Access, Database, Transaction
from engine.store.errors import (
    Busy,
    Conflict,
    DatabaseUnavailable,
    Held,
    NotAdmitted,
    Refused,
    Rejected,
    StoreError,
)
from engine.store.infinity import FOREVER
from engine.store.listening import listen
from engine.store.together import together

__all__ = [
    "FOREVER",
    "Access",
    "Busy",
    "Conflict",
    "Database",
    "DatabaseUnavailable",
    "Held",
    "NotAdmitted",
    "Refused",
    "Rejected",
    "StoreError",
    "Transaction",
    "listen",
    "together",
]
