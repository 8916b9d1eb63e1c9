"""What happened: by month, since a moment, and to one person. Reads, and changes nothing."""

from __future__ import annotations
