"""The parser of the whole command line."""

from __future__ import annotations

import argparse
from textwrap import fill
from typing import Any, NoReturn

from seqconsole import __version__
from seqconsole.cli import (
    audit,
    config,
    console,
    decide_order,
    demo,
    doctor,
    duplicates,
    enroll,
    explain,
    history,
    holds,
    journal,
    keep_active,
    leads,
    lift,
    limits,
    link_steps,
    metrics,
    migrate,
    note,
    preview,
    reassign,
    receive,
    reconnect,
    release,
    replies,
    report,
    retry,
    roles,
    screenshots,
    sequence,
    settle,
    skip,
    status,
    suppressed,
    switch,
    undo,
    worker,
)
from seqconsole.cli.command import UsageError
from seqconsole.cli.exit_codes import say_exit_codes

EXAMPLES = """\
examples:
  seqconsole demo                                 try it: a dirty demo database, nothing is sent
  seqconsole                                      the console, on the embedded PostgreSQL
  seqconsole --database-url service=work          the console, on your own database
  seqconsole audit --database-url service=work    what went wrong there so far; changes nothing
  seqconsole status --json                        what the screens show, for scripts
  seqconsole pause --device "Sales 3" --reason "number under review"
  seqconsole doctor                               what is wrong, and what repairs it
  seqconsole duplicates --dry-run                 which rows would be kept, and why
  seqconsole retry --error "timeout" --dry-run    which failed messages would be sent again
  seqconsole undo                                 take back my latest operation

which database: --database-url, else SEQCONSOLE_DATABASE_URL, else the profile of
~/.config/seqconsole/config.toml, else PGSERVICE / PGHOST / PGDATABASE, else the embedded one.
A password belongs into PGPASSFILE, a service file or the environment, never on the command line.

exit codes: 0 done; 1 nothing matched, or something is left; 2 could not run, nothing changed.
"""

GROUPS = (
    console,
    demo,
    worker,
    receive,
    audit,
    migrate,
    doctor,
    status,
    explain,
    preview,
    sequence,
    enroll,
    leads,
    history,
    duplicates,
    holds,
    lift,
    suppressed,
    replies,
    reassign,
    reconnect,
    switch,
    limits,
    retry,
    skip,
    settle,
    release,
    link_steps,
    keep_active,
    decide_order,
    undo,
    journal,
    note,
    report,
    metrics,
    config,
    roles,
    screenshots,
)


class Words(argparse.RawDescriptionHelpFormatter):
    """Wraps sentences to the terminal; indented lines are examples and stay as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(
            line if line.startswith(" ") else fill(line, width) for line in text.splitlines()
        )


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose mistakes are one line, raised as UsageError."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", Words)
        kwargs["allow_abbrev"] = False
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; `{self.prog} --help` shows how")


def build() -> argparse.ArgumentParser:
    """The parser; a parsed line carries its command as `run`."""
    common = common_options()
    parser = Parser(
        prog="seqconsole",
        description="A console for WhatsApp drip sequences on PostgreSQL.",
        epilog=EXAMPLES,
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"seqconsole {__version__}")
    parser.set_defaults(run=console.run)
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", parser_class=Parser
    )
    for group in GROUPS:
        group.add(commands, common)
    say_exit_codes(commands.choices)
    return parser


def common_options() -> argparse.ArgumentParser:
    """Options that stand before or after the command's name."""
    options = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    add = options.add_argument_group("database").add_argument
    add("--database-url", metavar="URL", help="postgresql://... or service=NAME; no password in it")
    add("--demo", action="store_true", help="the embedded database `demo`")
    add("--profile", metavar="NAME", help="a profile of the settings file")
    add("--schema", metavar="NAME", help="where the operator's tables are (public)")
    add("--read-only", action="store_true", help="look, change nothing")
    return options
