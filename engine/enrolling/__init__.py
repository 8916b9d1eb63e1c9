"""People into sequences: from a file or from the leads, once, with a preview and an undo (FAILURES 37-45)."""

from __future__ import annotations
