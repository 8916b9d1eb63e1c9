"""A guarantee whose removal no test notices is not tested: each mutant of it must be killed.

A mutant is a replacement in a copy of the tree; its killer is the seeded model or a targeted test.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from os import environ
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]
PARTS = ("engine", "seqconsole", "sql", "tests", "pyproject.toml")
MODEL = ("-m", "tests.model", "--steps", "6000", "--seed", "7")


@dataclass(frozen=True)
class Mutant:
    """What is taken away: `old` becomes `new` in `file`; `killer` is a test's node, or the model."""

    name: str
    file: str
    old: str
    new: str
    killer: str = ""

    def planted(self, folder: Path) -> Path:
        """A copy of the tree with the mutant in it."""
        for part in PARTS:
            source = TREE / part
            if source.is_dir():
                shutil.copytree(
                    source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.svg")
                )
            else:
                shutil.copy(source, folder / part)
        path = folder / self.file
        text = path.read_text("utf-8")
        assert self.old in text, f"mutant {self.name}: {self.file} no longer holds {self.old!r}"
        path.write_text(text.replace(self.old, self.new), "utf-8")
        return folder

    def command(self) -> list[str]:
        if not self.killer:
            return [sys.executable, *MODEL]
        pytest_ = ["-m", "pytest", "-n0", "-x", "-p", "no:cacheprovider", "-m", "not bench"]
        return [sys.executable, *pytest_, *self.killer.split()]


THROTTLE, FLOW = "tests/engine/test_throttle.py", "tests/engine/test_flow.py"
RACES, LATE = "tests/engine/test_races.py", "tests/engine/test_late_ends.py"

MUTANTS = [
    Mutant(
        "the window is not in the claim's gate",
        "sql/engine/claim.sql",
        "< seqconsole.limit_at(",
        "< 1000000 + seqconsole.limit_at(",
    ),
    Mutant("a doubt is not charged", "sql/engine/record_outcomes.sql",
           "when x.outcome = 'never_sent' then null", "when x.outcome in ('never_sent', 'unknown') then null", THROTTLE),
    Mutant("a doubt is queued again", "sql/engine/settle.sql",
           "when 'unknown' then 'unknown'\n", "when 'unknown' then 'pending'\n", FLOW),
    Mutant("an expired lease is taken for never sent", "engine/recovery.py",
           "Outcome.UNKNOWN, None", "Outcome.NEVER_SENT, None"),
    Mutant("no fence", "sql/engine/record_outcomes.sql",
           "and (a.outcome is null or (a.outcome = 'unknown' and x.outcome <> 'unknown'))", "", FLOW),
    Mutant("a settled attempt is settled again by a late report", "sql/engine/record_outcomes.sql",
           "a.outcome is null or (a.outcome = 'unknown' and x.outcome <> 'unknown')",
           "a.outcome is null or x.outcome <> 'unknown'",
        FLOW,
    ),
    Mutant("the switch is not in the gate", "sql/engine/claim.sql",
           "seqconsole.setting('engine') = 'on'", "true", FLOW),
    Mutant("a pause takes no gate lock", "engine/operations/holds.py",
           "await tx.lock_gate(exclusive=True)", "pass", "tests/operations/test_gate.py"),
    Mutant("a pause of a device is not in the gate", "sql/engine/claim.sql",
           "h.scope = 'device'", "h.scope = 'no device'"),
    Mutant("a pause of a sequence is not in the gate", "sql/engine/claim.sql",
           "h.scope = 'sequence'", "h.scope = 'no sequence'"),
    Mutant("a pause of a contact is not in the gate", "sql/engine/project_tracks.sql",
           "c.scope = 'contact'", "c.scope = 'no contact'"),
    Mutant("duplicates are no gate", "sql/engine/project_tracks.sql",
           "when h.copies > 1 then 'duplicate'", "when h.copies > 1000 then 'duplicate'", "tests/operations"),
    Mutant("the delay of a step is ignored", "sql/engine/project_tracks.sql",
           "least(h.before_settled_at, :'now'::timestamptz) + w.wait", "least(h.before_settled_at, :'now'::timestamptz)", FLOW),
    Mutant("the next step does not wait for the one before", "sql/engine/project_tracks.sql",
           "day_number nulls last, step_id\n)", "day_number desc nulls last, step_id\n)"),
    Mutant("a doubt whose step was deleted is no open work", "sql/engine/project_tracks.sql",
           "where s.id is not null or x.lost", "where s.id is not null", "tests/engine/test_late_ends.py"),
    Mutant("claims do not skip what another claim holds", "sql/engine/claim.sql",
           "    limit :'limit'::int\n    for update skip locked", "    limit :'limit'::int", RACES),
    Mutant("the queue's row is not asked again", "sql/engine/claim.sql",
           "lower(m.status::text) = 'pending'", "true", LATE),
    Mutant("an old lease's end frees a busy device", "sql/engine/settle.sql",
           "p.attempt_id <> all(:'ids'::uuid[])", "false", LATE),
    Mutant("a late proof opens a device that has sent since", "sql/engine/settle.sql",
           "when n.free and n.expired then", "when false then", LATE),
    Mutant("a doubt without its contact row is no open work", "sql/engine/project_tracks.sql",
           "where (t.sequence_id, t.phone_key, s.id) not in (",
           "where d.outcome is distinct from 'u' and (t.sequence_id, t.phone_key, s.id) not in (", LATE),
    Mutant("a campaign message comes back behind a pause", "engine/settling.py",
           'await tx.queue("engine/project_campaigns", ids=campaigns, now=now)', "pass", LATE),
]  # fmt: skip
QUICK = {"an expired lease is taken for never sent", "a campaign message comes back behind a pause"}


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(m, id=m.name, marks=pytest.mark.slow if m.name in QUICK else pytest.mark.large)
        for m in MUTANTS
    ],
)
def test_the_mutant_is_killed(mutant: Mutant, tmp_path: Path) -> None:
    folder = mutant.planted(tmp_path)
    done = subprocess.run(
        mutant.command(),
        cwd=folder,
        env={**environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    said = (done.stdout + done.stderr)[-3000:]
    assert done.returncode == 1, f"it survived, or did not run ({done.returncode}): {said}"
    assert ("violation: " if not mutant.killer else "FAILED ") in done.stdout, said


def test_every_snippet_is_still_there() -> None:
    """Cheap, so that an edit that moves a mutant's place is seen at once."""
    gone = [
        f"{m.name}: {m.old!r} in {m.file}"
        for m in MUTANTS
        if m.old not in (TREE / m.file).read_text("utf-8")
    ]
    assert gone == []
