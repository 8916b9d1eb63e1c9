"""`--help` teaches: one sentence, examples that can be run, exit codes; for every command there is."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest

from seqconsole.cli.parser import build

PARSER = build()


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser's commands, and theirs."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield child
                yield from commands(child)


ALL = {each.prog.removeprefix("seqconsole "): each for each in commands(PARSER)}


def examples(text: str) -> list[list[str]]:
    """The command lines of a help, as a shell would hand them over."""
    joined = re.sub(r"\\\n *", " ", text)
    found = []
    for line in joined.splitlines():
        command = re.split(r"\s[|>&]+\s|\s{3,}", line.strip())[0]
        if re.match(r"([A-Z_]+=\S+ +)*seqconsole( |$)", command):
            words = shlex.split(command)
            found.append(words[words.index("seqconsole") + 1 :])
    return found


@pytest.mark.parametrize("name", ALL)
def test_help_says_what_it_does_how_and_what_comes_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    parser = ALL[name]
    text = parser.format_help()
    assert len((parser.description or "").split()) >= 6, "a sentence"
    found = examples(parser.epilog or "")
    assert 2 <= len(found) <= 8, "examples"
    for words in found:
        PARSER.parse_args(words)
    if name != "sequence":
        assert any(" ".join(words).startswith(name) for words in found) or name == "console"
    assert "exit code" in text.lower()
    unexplained = [a.dest for a in parser._actions if not a.help and a.dest != "what"]
    assert unexplained == []
    assert max(len(line) for line in text.splitlines() if not line.startswith("  ")) <= 80
