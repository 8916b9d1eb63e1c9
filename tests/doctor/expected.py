"""Which finding each planted defect is, and which others come with it."""

from __future__ import annotations

from typing import Final

from tests.dirty import Defect

OTHER_NAMES: Final = {
    Defect.NO_KEY: "missing-key",
    Defect.PARTIAL_KEY: "uninferable-key",
    Defect.EXPRESSION_KEY: "uninferable-key",
    Defect.OTHER_COLUMNS_KEY: "uninferable-key",
    Defect.ID_TYPES: "columns",
    Defect.DUPLICATE_SENT: "duplicate-step",
    Defect.NULL_DAY: "undecided-order",
    Defect.STUCK_ACTIVE: "stuck-rows",
    Defect.STUCK_UNCLAIMED: "stuck-rows",
    Defect.STUCK_SENT: "stuck-rows",
    Defect.IN_DOUBT: "stuck-messages",
    Defect.UNKNOWN_MESSAGE_STATE: "unknown-state",
    Defect.NULL_SCHEDULED: "null-due",
}
"""A finding that is not called as its defect."""

ALSO: Final = {
    Defect.PARTIAL_KEY: {"missing-key"},
    Defect.EXPRESSION_KEY: {"missing-key"},
    Defect.OTHER_COLUMNS_KEY: {"missing-key"},
    Defect.LEGACY_KEY: {"missing-key"},
    Defect.DUPLICATE_STEP: {"missing-key"},
    Defect.DUPLICATE_SENT: {"missing-key"},
    Defect.DUPLICATE_DAY: {"unknown-step"},
}
"""What can't be planted without another finding: duplicate rows only where no key stands."""

MENDED: Final = {Defect.PENDING_SENT}
"""What an adopted database puts right by itself: the ledger knows that it was sent."""

RECORDED: Final = {
    Defect.PENDING_SENT: {"another-sender"},
    Defect.ORPHAN_MESSAGE: {"unsendable-message"},
}
"""What the feed of an adopted database says besides, when it is planted there."""


def name_of(defect: Defect) -> str:
    """The finding that a defect is."""
    return OTHER_NAMES.get(defect, str(defect))
