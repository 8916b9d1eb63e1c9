"""Entry point of the command `seqconsole`."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence

from engine.operations.model import OperationRefused
from engine.store import StoreError
from seqconsole.cli.command import FAILED, UsageError
from seqconsole.cli.output import complain
from seqconsole.cli.parser import build
from seqconsole.embedded import EmbeddedError
from seqconsole.settings import SettingsError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns its exit code (DESIGN 8). Never a traceback."""
    try:
        return _main(arguments)
    finally:
        _let_go()


def _main(arguments: Sequence[str] | None) -> int:
    logging.getLogger().addHandler(logging.NullHandler())  # else warnings reach standard error
    for stream in (sys.stdout, sys.stderr):  # a locale without UTF-8 shows escapes
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        args = build().parse_args(arguments)
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except (UsageError, SettingsError, StoreError, OperationRefused) as error:
        complain(str(error))
    except EmbeddedError as error:
        complain(str(error).partition("\n")[0])
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output left: so do we, without a word
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        from seqconsole.crash import crash_line  # it draws on Textual, which takes its time

        complain(crash_line(error).removeprefix("seqconsole: "))
    return FAILED


def _let_go() -> None:
    """What a lost terminal did not take is not tried again at the end: that would be exit code 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
