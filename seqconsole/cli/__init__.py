"""The command line: one file a group of commands; each calls what the console's keys call."""

from __future__ import annotations
