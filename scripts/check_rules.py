"""Check the rule seeds of seeds/rules/ before they are merged: every problem at once, in Chinese and English.

It needs no warehouse. With --base, rows that have begun are compared with those of a git ref:
such a rule is not edited, a new row follows it. Exit code 1 with problems; lines that begin
with `note:` are none.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from rules.base import find_base
from rules.check import check
from rules.tables import SEEDS


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=Path, default=SEEDS, help="folder of the rule seeds (default: seeds/rules)")
    parser.add_argument("--base", help="git ref whose rows in force must stay (default: origin/main, else HEAD)")
    parser.add_argument("--today", type=date.fromisoformat, help="the day that rows are in force on (default: today)")
    arguments = parser.parse_args()
    if not arguments.seeds.is_dir():
        print(f"error: {arguments.seeds}: 没有此文件夹 / no such folder", file=sys.stderr)
        return 1
    base = find_base(arguments.seeds, arguments.base)
    if arguments.base not in (None, "HEAD") and base is None:
        print(f"error: {arguments.base}: git 中没有此版本 / git knows no such ref", file=sys.stderr)
        return 1
    problems = check(arguments.seeds, base, arguments.today)
    for problem in problems:
        print(problem)
    if base is None:
        print("note: 不在 git 中，未检查已生效的行 / not in git, rows in force are not compared")
    errors = sum(not problem.is_note for problem in problems)
    print(f"{errors} 个问题 / {errors} problems" if errors else "规则表无误 / the rule seeds are right")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
