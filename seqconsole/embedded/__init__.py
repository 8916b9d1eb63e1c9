"""The embedded PostgreSQL: one server, shared by all consoles and workers (DESIGN 8)."""

from __future__ import annotations

from seqconsole.embedded.cluster import ROLE, Cluster
from seqconsole.embedded.errors import EmbeddedError

__all__ = ["ROLE", "Cluster", "EmbeddedError"]
