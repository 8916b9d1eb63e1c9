"""The worker that schedules and sends, and the operator's verbs. Knows no screen."""

from __future__ import annotations
