"""`seqconsole roles`: the script that makes the roles viewer, operator, worker and migrator."""

from __future__ import annotations

import argparse
import sys

from engine.store.sqlfiles import text
from seqconsole.cli.command import DONE, Commands, settings_of


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `roles`."""
    parser = commands.add_parser(
        "roles",
        parents=[common],
        help="print the SQL of the roles viewer, operator, worker, migrator",
        description=(
            "Prints the script of the four roles, for a DBA to read and run; it may be run again, "
            "and needs no superuser. It changes nothing by itself."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole roles > roles.sql                 for the DBA to read\n"
            "  seqconsole roles | psql service=work\n"
            '  psql service=work -c "grant seqconsole_operator to ana"'
        ),
    )
    parser.set_defaults(run=_roles)


def _roles(args: argparse.Namespace) -> int:
    schema = settings_of(args).operator_schema.replace("'", "''")
    sys.stdout.write(text("roles").replace(":'schema', false", f"'{schema}', false"))
    return DONE
