"""`seqconsole config`: every setting in force, and where it came from."""

from __future__ import annotations

import argparse
import os
from urllib.parse import urlsplit

from seqconsole.cli.command import DONE, Commands, given_in, settings_of
from seqconsole.cli.output import print_json, print_line, print_table
from seqconsole.settings import PROFILE_VARIABLE, file_layers
from seqconsole.settings_origin import Origin, origins


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `config`."""
    parser = commands.add_parser(
        "config",
        parents=[common],
        help="every setting and where it came from",
        description=(
            "What a run with these options would use: the command line wins over the environment, "
            "that over the chosen profile, that over the top of the settings file. Opens no "
            "database. Passwords are not shown."
        ),
        epilog=(
            "examples:\n"
            "  seqconsole config\n"
            "  seqconsole config --profile look\n"
            "  seqconsole config --json"
        ),
    )
    parser.add_argument("--json", action="store_true", help="for scripts")
    parser.set_defaults(run=_config)


def _config(args: argparse.Namespace) -> int:
    settings = settings_of(args)
    layers = file_layers(getattr(args, "profile", None) or os.environ.get(PROFILE_VARIABLE))
    found = [_harmless(each) for each in origins(settings, given_in(args), layers, os.environ)]
    if args.json:
        profiles = {"file": layers.path, "profile": layers.profile, "profiles": layers.profiles}
        print_json(
            {**{k: str(v) if k == "file" else v for k, v in profiles.items()}, "settings": found}
        )
        return DONE
    print_table(["setting", "value", "from"], [(o.name, o.value, o.source) for o in found])
    if layers.profiles:
        print_line()
        print_line(f"profiles of {layers.path}: {', '.join(layers.profiles)}")
    return DONE


def _harmless(each: Origin) -> Origin:
    """A gateway's address without the user and password that somebody wrote into it."""
    if not each.name.endswith("url") or "@" not in each.value or "://" not in each.value:
        return each
    parts = urlsplit(each.value)
    return Origin(
        each.name, parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), each.source
    )
