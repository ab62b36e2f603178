"""The ends of what a rule file may hold: lengths, units with their ranges, and dimensions."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

# What the database keeps: ids and labels are cut there, a text column holds 65,535 bytes.
ID_LENGTH, LABEL_LENGTH, TEXT_LENGTH = 64, 255, 16_000
REFERENCE = Path(__file__).resolve().parents[2] / "seeds" / "reference"
# A century: beyond it dates leave the calendar of the server. For minutes a day: no case takes longer, and
# observed by expected time of a long year still fits decimal(20, 10), as it does from a tenth of a minute on.
MOST = {
    "minute": 1_440, "hour": 876_600, "day": 36_525, "week": 5_218, "month": 1_200, "rating": 1_000_000,
    "case": 1_000_000, "text": 1_000_000, "working day": 1_000, "point": 99_999, "standard deviation": 10,
}
WHOLE_UNITS = ("day", "week", "month", "rating", "case", "text", "working day")
# A complaint of a period's last day is due only on the day after it.
LEAST_LAG = 2
LEAST_STANDARD = Decimal("0.1")
# Parameters judged in whole units: waits are counted by whole minutes.
WHOLE = {"wait_target_minutes"}
# Of texts, those of no category and all of them.
OWN_CATEGORIES = ("unclassified", "all")
# A score is decimal(12, 6): six digits before the point, and a sum of some ten of these.
MOST_POINTS = 99_999


def read_reference(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of seeds/reference."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# The least and the greatest value (None: no end) of each unit.
UNIT_RANGES = {
    row["unit"]: (Decimal(row["least_value"]), Decimal(row["greatest_value"]) if row["greatest_value"] else None)
    for row in read_reference("units")
}
DIMENSIONS = tuple(row["dimension"] for row in read_reference("dimensions"))
