"""What devices send through: one file a gateway, behind the protocol in `protocol.py`."""

from __future__ import annotations
