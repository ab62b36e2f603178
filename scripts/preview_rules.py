"""Show what a change of the rule files would do to the scores, before anybody merges it.

Judges the latest closed periods by both rule books, the present and the proposed one, in scratch
schemas, from the metrics that the marts already hold: no log is read, no mart is touched, and the
scratch schemas are removed also when something fails. Writes Markdown for a comment on the pull request.
"""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import date
from pathlib import Path

from rules.preview import preview
from rules.tables import PROJECT_DIR
from warehouse import WarehouseError


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--base", metavar="REF", help="compare seeds/rules with those of this commit")
    what.add_argument("--seeds", metavar="DIR", type=Path, help="try the rule files of this folder, without a commit")
    parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="judge by the rules in force on this day"
                        " (default: when the last of the changes is in force)")
    parser.add_argument("--last", type=int, default=6, help="closed periods of each type to judge (default 6)")
    parser.add_argument("--out", type=Path, default=PROJECT_DIR / "reports" / "preview.md")
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    parser.add_argument("--vars", default="{}", help="dbt vars as JSON, as for dbt build")
    options = parser.parse_args()
    # Ended by a job's time limit it must still remove its schemas.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        page = preview(options)
    except (WarehouseError, UnicodeDecodeError, ValueError, KeyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(page, "utf-8")
    print(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
