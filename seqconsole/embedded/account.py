"""The account that the server runs as: PostgreSQL refuses root, so root demotes it."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from seqconsole.embedded.errors import EmbeddedError, log_error

USER_VARIABLE = "SEQCONSOLE_EMBEDDED_USER"
_USUAL = ("postgres", "nobody")


def server_account(data: Path) -> pwd.struct_passwd | None:
    """The account to demote to, or None when not root. An existing data directory keeps its owner.

    Raises EmbeddedError when there is no such account.
    """
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(FileNotFoundError, KeyError):
        owner = pwd.getpwuid(data.stat().st_uid)
        if owner.pw_uid != 0:
            return owner
    named = os.environ.get(USER_VARIABLE)
    for name in [named] if named else _USUAL:
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            if account.pw_uid != 0:
                return account
    if named:
        raise EmbeddedError(f"{USER_VARIABLE} names {named!r}: no such account, or root itself")
    raise EmbeddedError(f"root needs an account for PostgreSQL: name one in {USER_VARIABLE}")


def own_name() -> str:
    """The name of the account this process runs as; raises EmbeddedError where it has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise EmbeddedError(
            f"user id {os.geteuid()} has no entry in the password file, which PostgreSQL needs"
        ) from None


def spawn(
    args: Sequence[str | Path],
    account: pwd.struct_passwd | None,
    output: IO[bytes] | int,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program of PostgreSQL as `account`, in its own session and a clean environment."""
    return subprocess.Popen(
        [os.fspath(a) for a in args],
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=pass_fds,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


def run(args: Sequence[str | Path], account: pwd.struct_passwd | None, timeout: float = 60) -> str:
    """Run a program to its end (at most `timeout` seconds) and return what it printed.

    Raises EmbeddedError when it fails, OSError when it cannot be executed.
    """
    name = Path(args[0]).name
    with tempfile.TemporaryFile() as output:
        process = spawn(args, account, output)
        try:
            code = process.wait(max(timeout, 1))
        except subprocess.TimeoutExpired:
            raise EmbeddedError(f"{name} did not end within {timeout:.0f} s") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        output.seek(0)
        text = output.read().decode(errors="replace")
    if code:
        raise log_error(f"{name} failed", text)
    return text
