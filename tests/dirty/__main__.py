"""`python -m tests.dirty --database-url ... --contacts 1000 --defects duplicate-step,stuck-active`."""

from __future__ import annotations

import argparse
import sys
import time

from tests.dirty.build import Wild, build
from tests.dirty.defects import DATA, Defect


def defects_of(text: str) -> list[Defect]:
    """The names of a comma list; `all` = every defect of rows, `none` = a sound database."""
    if text in {"all", "none"}:
        return list(DATA) if text == "all" else []
    return [Defect(name.strip()) for name in text.split(",") if name.strip()]


def main() -> None:
    """Build one and say what was planted."""
    parser = argparse.ArgumentParser(prog="python -m tests.dirty", description=__doc__)
    parser.add_argument("--database-url", required=True, help="an empty database")
    parser.add_argument("--contacts", type=int, default=1000, help="people, five contact rows each")
    parser.add_argument("--campaigns", type=int, default=0, help="sent messages without a step")
    parser.add_argument("--devices", type=int, default=10, help="devices of each of three users")
    parser.add_argument("--defects", type=defects_of, default=list(DATA), help="a,b,c | all | none")
    parser.add_argument("--count", type=int, default=3, help="cases of each defect")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--naive", action="store_true", help="timestamp columns")
    kind.add_argument("--aware", action="store_true", help="timestamptz columns (the default)")
    parser.add_argument("--zone", default="Asia/Kuala_Lumpur", help="the zone of naive times")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    start = time.monotonic()
    wild = Wild(args.contacts, args.campaigns, args.devices, args.naive, args.zone, args.seed)
    planted = build(args.database_url, wild, args.defects, count=args.count)
    for each in planted.values():
        sys.stdout.write(f"{each.defect:24} {each.n:6}  {' '.join(sorted(each.ids)[:3])}\n")
    sys.stdout.write(
        f"{args.contacts} contacts, seed {args.seed}, {time.monotonic() - start:.1f} s\n"
    )


main()
