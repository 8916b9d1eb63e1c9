"""The data directory: how it is made, and what it says about its server."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from seqconsole.embedded.account import own_name, run
from seqconsole.embedded.binaries import Binaries
from seqconsole.embedded.errors import EmbeddedError

SETTINGS: Mapping[str, str] = {
    "cluster_name": "seqconsole-embedded",
    "fsync": "on",
    "listen_addresses": "",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # texts and phone numbers stay out of the log
    "log_timezone": "UTC",
    "logging_collector": "off",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "wal_compression": "on",
}


def major_of(data: Path) -> int | None:
    """The major version that `data` records; None if there is no data. Raises EmbeddedError."""
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        if data.exists() and any(data.iterdir()):
            raise EmbeddedError(f"{data} is not a PostgreSQL data directory") from None
        return None
    except ValueError:
        raise EmbeddedError(f"{data / 'PG_VERSION'} names no version of PostgreSQL") from None


def create(
    data: Path,
    role: str,
    binaries: Binaries,
    account: pwd.struct_passwd | None,
    settings: Mapping[str, str],
    timeout: float,
) -> None:
    """Make `data` with superuser `role`, complete or not at all (a killed one is cleared away).

    `settings` are added to SETTINGS. Takes at most `timeout` seconds.
    Raises EmbeddedError, OSError.
    """
    owner = account.pw_name if account else own_name()
    wanted = {**SETTINGS, **settings}
    new = Path(tempfile.mkdtemp(prefix="data.new.", dir=data.parent))
    try:
        if account:
            os.chown(new, account.pw_uid, account.pw_gid)
        args: list[str | Path] = [
            binaries.folder / "initdb",
            "-D",
            new,
            "-U",
            role,
            "-A",
            "peer",
            "-E",
            "UTF8",
        ]
        args += ["--locale=C"]
        if binaries.has_builtin_locale:
            args += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if wanted["fsync"] == "off":
            args += ["--no-sync"]
        run([*args, "--no-instructions"], account, timeout)
        # The socket's folder is ours alone; before 16 a map cannot name all roles.
        method = "peer map=seqconsole" if binaries.major >= 16 else "trust"
        _write(new / "pg_hba.conf", f"local all all {method}\n")
        names = sorted({"root", owner})
        _write(new / "pg_ident.conf", "".join(f'seqconsole "{n}" all\n' for n in names))
        lines = [f"{name} = {_quoted(value)}\n" for name, value in wanted.items()]
        _write(new / "postgresql.auto.conf", "".join(lines))
        if data.exists():
            data.rmdir()
        new.rename(data)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def clear_unfinished(data: Path) -> None:
    """Remove what killed first starts left beside `data`; only the holder of start.lock may."""
    for old in data.parent.glob("data.new.*"):
        shutil.rmtree(old, ignore_errors=True)


def says_ready(data: Path) -> bool:
    """Whether postmaster.pid says that the server accepts connections (it may be stale)."""
    lines = _pid_file(data)
    return len(lines) >= 8 and lines[7].strip() == "ready"


def postmaster_pid(data: Path) -> int | None:
    """The process id of the living postmaster of `data`, never a stranger's; None if not found."""
    lines = _pid_file(data)
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    return pid if str(data) in _command_line(pid) else None


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _command_line(pid: int) -> str:
    if Path("/proc/self/cmdline").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        return ""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout


def _write(path: Path, text: str) -> None:
    """Replace a file's text. The directory may belong to a lesser account: follow no link of it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
