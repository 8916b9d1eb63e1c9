"""The defects that a dirty database can have, each planted by `tests/dirty/plants/NAME.sql`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Defect(StrEnum):
    """What is wrong with a database, as years of hand repairs leave it."""

    NO_KEY = "no-key"
    PARTIAL_KEY = "partial-key"
    EXPRESSION_KEY = "expression-key"
    OTHER_COLUMNS_KEY = "other-columns-key"
    SEVERAL_KEYS = "several-keys"
    LEGACY_KEY = "legacy-key"
    INVALID_INDEX = "invalid-index"
    ID_TYPES = "id-types"
    NO_PRIMARY_KEY = "no-primary-key"
    FOREIGN_TRIGGER = "foreign-trigger"
    STATUS_CHECK = "status-check"
    NULL_STEP = "null-step"
    UNKNOWN_STEP = "unknown-step"
    OTHER_STEP = "other-step"
    WRONG_DAY = "wrong-day"
    DUPLICATE_STEP = "duplicate-step"
    DUPLICATE_SENT = "duplicate-sent"
    DUPLICATE_SPELLING = "duplicate-spelling"
    DUPLICATE_DAY = "duplicate-day"
    SEVERAL_ACTIVE = "several-active"
    UNDECIDED_ORDER = "undecided-order"
    NULL_DAY = "null-day"
    NEGATIVE_DELAY = "negative-delay"
    STUCK_ACTIVE = "stuck-active"
    STUCK_UNCLAIMED = "stuck-unclaimed"
    STUCK_SENT = "stuck-sent"
    IN_DOUBT = "in-doubt"
    COMPLETED_UNSENT = "completed-unsent"
    PENDING_SENT = "pending-sent"
    UNKNOWN_STATE = "unknown-state"
    UNKNOWN_MESSAGE_STATE = "unknown-message-state"
    NO_DEVICE = "no-device"
    FOREIGN_DEVICE = "foreign-device"
    MISSING_DEVICE = "missing-device"
    DUPLICATE_DEVICE_NAME = "duplicate-device-name"
    DUPLICATE_DEVICE_PHONE = "duplicate-device-phone"
    MISSING_SEQUENCE = "missing-sequence"
    NULL_DUE = "null-due"
    NULL_SCHEDULED = "null-scheduled"
    BAD_PHONE = "bad-phone"
    SAME_DAY = "same-day"
    FUTURE_TIMES = "future-times"
    NO_TRIGGER = "no-trigger"
    SHARED_TRIGGER = "shared-trigger"
    ORPHAN_MESSAGE = "orphan-message"


REFUSED_BY_MIGRATE = frozenset({Defect.ID_TYPES, Defect.STATUS_CHECK})
"""A database with one of these is not adopted before it is mended."""

ALONE = frozenset({Defect.LEGACY_KEY, Defect.ID_TYPES})
"""These change the tables so that others can't be planted beside them."""

KEYS = frozenset(
    {
        Defect.NO_KEY,
        Defect.PARTIAL_KEY,
        Defect.EXPRESSION_KEY,
        Defect.OTHER_COLUMNS_KEY,
        Defect.SEVERAL_KEYS,
    }
)
"""At most one of these at a time: each says which keys there are."""

DATA = tuple(
    defect
    for defect in Defect
    if defect not in ALONE | KEYS | REFUSED_BY_MIGRATE
    and defect
    not in {
        Defect.INVALID_INDEX,
        Defect.NO_PRIMARY_KEY,
        Defect.FOREIGN_TRIGGER,
    }
)
"""The defects of rows: all of them can stand side by side in a database that can be adopted."""


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted of a defect: `n` cases (rows, groups, objects), and the ids in each."""

    defect: Defect
    cases: Mapping[str, tuple[str, ...]]

    @property
    def n(self) -> int:
        """How many cases."""
        return len(self.cases)

    @property
    def ids(self) -> frozenset[str]:
        """The ids or names of all cases."""
        return frozenset(each for case in self.cases.values() for each in case)
