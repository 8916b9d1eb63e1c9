"""What a command's exit code says, at the end of its help, where the command does not say it itself."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Final

LOOKS: Final = "exit codes: 0 shown; 2 could not run, or what was named is not there."
RUNS: Final = "exit codes: 0 ended as asked; 2 could not run."
ACTS: Final = (
    "exit codes: 0 done; 1 nothing matched, or something is left or refused, named;\n"
    "2 wrong usage, what was named is missing or ambiguous, or it could not run:\n"
    "nothing changed."
)

_CODES: Final = {
    LOOKS: ("config", "explain", "history", "metrics", "roles", "screenshots", "status"),
    RUNS: ("console", "demo", "receive"),
    "exit codes: 0 written; 2 could not run: nothing written.": ("note",),
}
_OF: Final = {name: text for text, names in _CODES.items() for name in names}


def say_exit_codes(commands: Mapping[str, argparse.ArgumentParser]) -> None:
    """Add the codes to the help of each command that does not say its own."""
    for name, parser in commands.items():
        epilog = parser.epilog or ""
        if "exit code" not in f"{parser.description} {epilog}".lower():
            parser.epilog = f"{epilog}\n\n{_OF.get(name, ACTS)}".lstrip()
