"""seqconsole: a terminal operations console for WhatsApp drip sequences on PostgreSQL."""

from __future__ import annotations

__version__ = "0.1.0"
