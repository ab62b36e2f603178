"""Rule files for a test, and the edits that a test makes to them.

The files are a frozen copy. The tests name lines and numbers of it, and must stay green when somebody changes a
rule of seeds/rules.
"""

import csv
import io
import shutil
import subprocess
from datetime import date
from pathlib import Path

from rules.check import check
from rules.tables import Problem

FROZEN = Path(__file__).parent / "frozen_rules"
TODAY = date(2026, 3, 31)
RULES, WEIGHTS, PARAMETERS = "scoring_rules", "dimension_weights", "metric_parameters"
TRIGGERS, TIERS, PILOTS = "improvement_triggers", "reward_tiers", "pilots"
KEYWORDS = "pain_point_keywords"


def copy_rules(folder: Path) -> Path:
    """Return a folder with a copy of the frozen rule files."""
    return Path(shutil.copytree(FROZEN, folder / "seeds" / "rules"))


def read(folder: Path, seed: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO((folder / f"{seed}.csv").read_text("utf-8"))))


def write(folder: Path, seed: str, rows: list[dict]) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / f"{seed}.csv").write_text(out.getvalue(), "utf-8")


def cells(seed: str, line: int, **changed: str):
    """Return a function that sets cells of a line."""

    def apply(folder: Path) -> None:
        rows = read(folder, seed)
        rows[line - 2] |= changed
        write(folder, seed, rows)

    return apply


def added(seed: str, like: int, **changed: str):
    """Return a function that adds a copy of a line, with other cells."""

    def apply(folder: Path) -> None:
        rows = read(folder, seed)
        write(folder, seed, [*rows, rows[like - 2] | changed])

    return apply


def replaced(seed: str, old: bytes, new: bytes):
    """Return a function that changes bytes of a file, once."""

    def apply(folder: Path) -> None:
        path = folder / f"{seed}.csv"
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return apply


def exempt(**changed: str):
    """Return a function that writes one exemption."""
    row = {
        "exemption_id": "X1", "hall_id": "CITY", "subject_type": "window", "subject_id": "W1", "rule_id": "E3",
        "valid_from": "2026-01-01", "valid_to": "2026-06-30", "approved_by": "李主任", "decided_on": "2025-12-20",
        "reason": "装修", "source": "批复",
    }
    return lambda folder: write(folder, "exemptions", [row | changed])


def both(*edits):
    def apply(folder: Path) -> None:
        for edit in edits:
            edit(folder)

    return apply


def followed(line: int, last: str, first: str, **changed: str):
    """Return a function that ends a rule and adds a row that follows it."""
    return both(cells(RULES, line, valid_to=last), added(RULES, line, valid_from=first, valid_to="", **changed))


def commit(seeds: Path, *first: str) -> None:
    run = ["git", "-C", str(seeds), "-c", "user.name=r", "-c", "user.email=r@example.org", "-c", "commit.gpgsign=false"]
    for arguments in ([*first], ["add", "."], ["commit", "-q", "-m", "rules"]):
        if arguments:
            subprocess.run([*run, *arguments], check=True)


def errors(seeds: Path) -> list[Problem]:
    return [p for p in check(seeds, "HEAD", TODAY) if not p.is_note]


def at(problems) -> set[tuple]:
    return {(Path(p.file).stem, p.line, p.column) for p in problems}
