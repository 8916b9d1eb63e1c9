"""How many sends this process has file descriptors for."""

from __future__ import annotations

import logging
import resource
from typing import Final

from engine.gateways.connections import kept_at_most

log = logging.getLogger(__name__)

OTHER_FILES: Final = 40
"""File descriptors of a worker beside those of its sends: connections, journals, libraries."""


def at_once(wanted: int) -> int:
    """How many sends this process has file descriptors for, at most `wanted`: each takes one."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return wanted
    possible = max(1, limit - OTHER_FILES - kept_at_most())
    if possible < wanted:
        log.warning("%d open files allowed: at most %d sends at once", limit, possible)
    return min(wanted, possible)
