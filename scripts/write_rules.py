"""Write docs/rules.md, the scoring rules in words, from the marts rule_book, dim_metrics and dim_parameters."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rules.page import read_marts, render
from warehouse import PROJECT_DIR, WarehouseError


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    parser.add_argument("--out", type=Path, default=PROJECT_DIR / "docs" / "rules.md")
    options = parser.parse_args(arguments)
    try:
        page = render(read_marts(options.target))
        options.out.write_text(page, encoding="utf-8")
    except (WarehouseError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
