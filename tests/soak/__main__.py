"""`python -m tests.soak --minutes 30 --workers 4 --seed 7 --report FILE.json`."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from tests.soak.harness import Soak
from tests.soak.plan import Plan


def main() -> int:
    """Run, print and write the report. 1: a judge found a violation (the folder is then kept)."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=None, help="drawn and printed where not given")
    parser.add_argument("--report", type=Path, default=None, metavar="FILE.json")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the run")
    given = parser.parse_args()
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    plan = Plan(given.minutes * 60, seed, workers=given.workers)
    if given.minutes >= 5:
        plan = replace(plan, long_stop=170.0)
    root = Path(tempfile.mkdtemp(prefix="soak-", dir="/tmp"))
    print(f"seed {seed}, in {root}", flush=True)
    report = Soak(plan, root, lambda text: print(text, flush=True)).run()
    text = json.dumps(asdict(report), indent=1)
    print(text)
    if given.report is not None:
        given.report.write_text(text + "\n", encoding="utf-8")
    if report.clean and not given.keep:
        shutil.rmtree(root)
    else:
        print(f"kept: {root}", file=sys.stderr)
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
