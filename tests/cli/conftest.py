"""A database and the command line on it: in this process, and as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from seqconsole.__main__ import main
from tests.world import World


@pytest.fixture
def dsn(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def world(dsn: str) -> Iterator[World]:
    made = World.at(dsn)
    yield made
    made.close()


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def is_one_line(self, *words: str, code: int = 2) -> bool:
        """Failed with one clear line that has these words, and nothing else."""
        lines = self.err.splitlines()
        assert self.code == code, (self.code, self.err)
        assert len(lines) == 1, self.err
        assert self.out == ""
        assert lines[0].startswith("seqconsole: ")
        assert "Traceback" not in self.err
        for word in words:
            assert word in lines[0], lines[0]
        return True


@dataclass
class Command:
    """`seqconsole ARGS`, with the environment of an empty home."""

    environment: dict[str, str]
    run: Callable[[tuple[str, ...]], Said]
    all_said: list[Said] = field(default_factory=list)

    def __call__(self, *args: str) -> Said:
        self.all_said.append(self.run(args))
        return self.all_said[-1]


@pytest.fixture
def environment(dsn: str, tmp_path: Path) -> dict[str, str]:
    """No setting but the database; the embedded server would be in the test's own folder."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept,
        "HOME": str(tmp_path),
        "TERM": "xterm-256color",
        "SEQCONSOLE_DATABASE_URL": dsn,
        "SEQCONSOLE_EMBEDDED_HOME": str(tmp_path / "embedded"),
    }


@pytest.fixture
def seqconsole(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """The command in this process: fast."""

    def run(args: tuple[str, ...]) -> Said:
        with monkeypatch.context() as patch:
            for name in os.environ:
                if name.startswith(("PG", "SEQCONSOLE_", "XDG_")):
                    patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            capfd.readouterr()
            try:
                code = main(args)
            except SystemExit as left:  # --help and --version
                code = int(left.code or 0)
        return Said(code, *capfd.readouterr())

    return Command(environment, run)


@pytest.fixture
def process(environment: dict[str, str]) -> Command:
    """The command as a process, without a terminal."""

    def run(args: tuple[str, ...]) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "seqconsole", *args],
            env=environment,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return Command(environment, run)
