"""`seqconsole receive`: takes the webhooks of the gateways."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from typing import TYPE_CHECKING

from seqconsole.cli.command import DONE, Commands, UsageError, settings_of
from seqconsole.cli.output import complain
from seqconsole.logs import LogFormat, log_to_stderr
from seqconsole.place import Place, reached
from seqconsole.settings import Settings

if TYPE_CHECKING:
    from seqconsole.receiving import Listening

LISTEN = "127.0.0.1:8787"


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `receive`."""
    parser = commands.add_parser(
        "receive",
        parents=[common],
        help="takes the gateways' webhooks: receipts, replies, the word stop",
        description=(
            "Listens for the webhooks of gowa and of the Meta Cloud API at /hook/NAME. What is "
            "delivered and read is noted, a doubt that a receipt proves is settled, and who replies "
            "STOP gets nothing more, in any sequence. Each body must be signed with the secret of "
            "its webhook (settings file or environment). Put a reverse proxy with TLS in front of "
            "it. SIGTERM ends it once what is inside is taken."
        ),
        epilog=(
            "examples:\n"
            "  SEQCONSOLE_RECEIVE__MAIN__KIND=gowa SEQCONSOLE_RECEIVE__MAIN__SECRET_FILE=hook.secret \\\n"
            "    seqconsole receive --database-url service=work\n"
            "  then give gowa the address http://127.0.0.1:8787/hook/main and the same secret\n"
            "  seqconsole receive --listen 0.0.0.0:8787 --plain-http    behind a proxy on another machine"
        ),
    )
    parser.add_argument(
        "--listen", default=LISTEN, metavar="HOST:PORT", help=f"where it listens ({LISTEN})"
    )
    parser.add_argument(
        "--plain-http",
        action="store_true",
        help="also listen where others can connect: phone numbers are then readable on the way",
    )
    parser.add_argument("--verbose", action="store_true", help="say what it does")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run `receive` until it is told to stop. Raises the errors of the store, UsageError, SettingsError."""
    from seqconsole.receiving import prepared  # it draws on the HTTP stack, which takes its time

    settings = settings_of(args)
    if settings.read_only:
        raise UsageError("receiving writes: --read-only is not for it")
    listening = prepared(settings, args.listen, plain_http=args.plain_http)
    log_to_stderr(logging.INFO if args.verbose else logging.WARNING, LogFormat.TEXT)
    with listening.socket, reached(settings, application="seqconsole receive") as place:
        asyncio.run(_receive(settings, place, listening))
    complain("drained")
    return DONE


async def _receive(settings: Settings, place: Place, listening: Listening) -> None:
    from seqconsole.receiving import receive

    stop = asyncio.Event()
    for sort in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(sort, stop.set)
    await receive(settings, place, listening, stop)
