"""How previews and results of operations are printed."""

from __future__ import annotations

from engine.operations.model import Done, Preview
from seqconsole.cli.output import complain, plain, print_json, print_line


def print_preview(preview: Preview, as_json: bool) -> None:
    """What an operation would do."""
    if as_json:
        print_json(preview)
        return
    print_line(preview.title)
    for line in preview.lines:
        print_line(f"  {line}")
    for line in preview.refused:
        print_line(f"  refused: {line}")
    print_line("nothing was changed")


def print_done(done: Done, as_json: bool) -> None:
    """What an operation did: what is still in flight, what it refused, how to take it back."""
    if as_json:
        print_json({**plain(done), "undo": _undo(done)})
        return
    print_line(done.summary)
    for message in done.in_flight:
        print_line(f"  in flight on {message.device_name}, until {message.until:%H:%M:%S %Z}")
    if done.sends_from is not None:
        print_line(f"  sends from {done.sends_from:%H:%M:%S %Z}")
    for line in done.refused:
        complain(f"refused: {line}")
    undo = _undo(done)
    if undo is not None:
        print_line(f"  take it back: {undo}")


def _undo(done: Done) -> str | None:
    if done.operation_id is None or not done.undoable:
        return None
    return f"seqconsole undo {done.operation_id}"
